//! `docs/performance.md`: each subcommand writes its own section, between two comments. The text around the sections is
//! written by hand.

use crate::Error;
use std::fs;
use std::path::PathBuf;

/// Replaces a section.
///
/// # Errors
/// The document has no such section, or cannot be written.
pub fn put(section: &str, text: &str) -> Result<(), Error> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let document = fs::read_to_string(&path)?;
    let document = replaced(&document, section, text)
        .ok_or_else(|| format!("docs/performance.md has no section '{section}'"))?;
    Ok(fs::write(path, document)?)
}

fn replaced(document: &str, section: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {section}: begin -->"), format!("<!-- {section}: end -->"));
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{}\n\n{end}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_nothing_else() {
        let document = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n";
        let replaced = replaced(document, "x", "new\n").unwrap();
        assert_eq!(replaced, "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n");
        assert_eq!(super::replaced(document, "y", "new"), None);
    }
}
