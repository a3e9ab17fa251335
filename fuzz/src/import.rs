use ::import::file::{self, Row, Source};
use std::fs;
use std::path::Path;

/// Fuzzes the import of a file. The file is read as an export of each source, and once without a source. The result
/// must be rows with increasing numbers, or an error that is a sentence.
pub fn import(data: &[u8]) {
    for source in Source::ALL.into_iter().map(Some).chain([None]) {
        match file::read(data, source) {
            Ok(file) => {
                assert!(source.is_none_or(|source| source == file.source), "{source:?}");
                let numbers = || file.rows.iter().map(|row| row.number);
                assert!((1..=file::MAX_ROWS).contains(&file.rows.len()), "{source:?}");
                assert!(
                    numbers().is_sorted_by(|a, b| a < b) && numbers().all(|number| number > 0),
                    "{source:?}"
                );
                assert!(file.rows.iter().all(|row| row.tags.len() <= Row::MAX_TAGS), "{source:?}");
            }
            Err(error) => {
                let sentence = error.to_string();
                assert!(sentence.ends_with(['.', '?']) && sentence.len() < 2_000, "{sentence:?}");
                assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
            }
        }
    }
}

/// Returns the sample files of the import's tests.
pub fn seeds() -> Vec<Vec<u8>> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/it/import/samples");
    let mut paths: Vec<_> = fs::read_dir(samples).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().filter(|path| !path.ends_with("expected.json")).map(|path| fs::read(path).unwrap()).collect()
}
