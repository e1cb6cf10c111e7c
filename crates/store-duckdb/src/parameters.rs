//! Values on their way into a statement. None is ever written into its text.

use duckdb::types::Value;

/// The values bound to a statement, in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    values: Vec<Value>,
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

    /// The values, as the statement takes them.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }
}
