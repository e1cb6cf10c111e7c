//! Values on their way into a statement.
//!
//! No text from outside is ever written into a statement: it is bound. Whole numbers are written, since a statement
//! with nothing bound is planned once, while DuckDB plans one with a parameter once without its value and again with.

use std::fmt::{self, Write as _};

use duckdb::types::Value;

/// The values bound to a statement, in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    values: Vec<Value>,
}

/// A whole number as SQL writes it, as wide as the ledger's columns.
pub(crate) fn number(value: i64) -> String {
    // Without the brackets, what stands behind a sign would be made that wide; the lowest number is not, without its
    // sign.
    if value < 0 { format!("({value})::BIGINT") } else { format!("{value}::BIGINT") }
}

/// One of the ledger's own words, such as a kind of posting, as SQL writes it.
pub(crate) fn word(word: &'static str) -> String {
    format!("'{word}'")
}

impl Parameters {
    /// Takes a value and returns what stands for it in the statement, such as `$3`; it may stand there
    /// more than once.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Takes values and returns what stands for them, separated by commas.
    pub(crate) fn bind_all(&mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> String {
        values.into_iter().map(|value| self.bind(value)).collect::<Vec<_>>().join(", ")
    }

    /// Takes any number of texts as one value and returns the query that lists them, to stand behind `IN`. A
    /// long list costs a join that way; a parameter for each would cost more than looking for them.
    pub(crate) fn bind_texts<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> String {
        format!("(SELECT {})", self.bind_list(texts))
    }

    /// The same to stand behind `SELECT`: one row for each text, and one with an empty text for none at all.
    pub(crate) fn bind_list<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> String {
        // In hexadecimal digits, because a text may hold whatever would separate it from the next.
        let list = self.bind(joined(texts.map(|text| Hexadecimal(text.as_bytes()))));
        format!("decode(unhex(unnest(string_split({list}, ','))))")
    }

    /// The same for whole numbers.
    pub(crate) fn bind_integers(&mut self, integers: impl Iterator<Item = i64>) -> String {
        let list = self.bind(joined(integers));
        format!("(SELECT unnest(string_split({list}, ','))::BIGINT)")
    }

    /// The values, as the statement takes them.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }
}

struct Hexadecimal<'a>(&'a [u8]);

impl fmt::Display for Hexadecimal<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

fn joined(values: impl Iterator<Item = impl fmt::Display>) -> String {
    let mut list = String::new();
    for (index, value) in values.enumerate() {
        if index > 0 {
            list.push(',');
        }
        // Writing to a text cannot fail.
        let _written = write!(list, "{value}");
    }
    list
}
