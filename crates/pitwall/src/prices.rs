//! Which price book holds here: the built-in one, or a newer file, with own prices over it.

use std::path::Path;

use anyhow::{Context, Result};
use ledger::PriceBook;

use crate::config::{Config, DataDirectory};

/// The largest price book that is read, in bytes.
const MAX_BOOK_BYTES: u64 = 16 * 1024 * 1024;

/// The book, with the operator's own prices over it.
pub(crate) fn load(config: &Config, data: &DataDirectory) -> Result<PriceBook> {
    let book = without_own(config, data)?;
    book.with_own(&config.prices.own).context("the configuration's own prices cannot be applied")
}

/// The book alone.
pub(crate) fn without_own(config: &Config, data: &DataDirectory) -> Result<PriceBook> {
    if !config.prices.book.as_os_str().is_empty() {
        return read(&data.path().join(&config.prices.book));
    }
    let embedded = PriceBook::embedded()?;
    let file = data.price_book_file();
    if !file.is_file() {
        return Ok(embedded);
    }
    // A program that was brought up to date later has the newer prices.
    let book = read(&file)?;
    Ok(if book.as_of() >= embedded.as_of() { book } else { embedded })
}

/// Reads a book from a file.
pub(crate) fn read(file: &Path) -> Result<PriceBook> {
    let place = || format!("cannot read the price book {}", file.display());
    let size = std::fs::metadata(file).with_context(place)?.len();
    anyhow::ensure!(size <= MAX_BOOK_BYTES, "{}: it is too large to be one", place());
    let json = std::fs::read_to_string(file).with_context(place)?;
    PriceBook::from_json(&json).with_context(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT_IN: &str = include_str!("../../ledger/price-book.json");

    fn version(files: &[(&str, &str)], book: &str) -> Result<String> {
        let directory = tempfile::tempdir()?;
        for (name, as_of) in files {
            std::fs::write(directory.path().join(name), BUILT_IN.replacen("2026-11-22", as_of, 1))?;
        }
        let mut config = Config::default();
        config.prices.book = book.into();
        Ok(load(&config, &DataDirectory::new(directory.path().to_owned()))?.version().to_owned())
    }

    #[test]
    fn the_newer_book_holds_unless_one_is_named() {
        assert_eq!(version(&[], "").unwrap(), "2026-11-22");
        assert_eq!(version(&[("price-book.json", "2027-01-01")], "").unwrap(), "2027-01-01");
        assert_eq!(version(&[("price-book.json", "2026-01-01")], "").unwrap(), "2026-11-22");
        assert_eq!(version(&[("old.json", "2026-01-01")], "old.json").unwrap(), "2026-01-01");
        assert!(version(&[], "missing.json").is_err());
    }

    #[test]
    fn a_damaged_book_is_told_by_its_place() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("price-book.json"), "{").unwrap();
        let error = load(&Config::default(), &DataDirectory::new(directory.path().to_owned())).unwrap_err();
        assert!(format!("{error:#}").contains("price-book.json"), "{error:#}");
    }
}
