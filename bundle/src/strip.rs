//! Makes style sheets smaller, without changing what they do.

/// Returns the style sheet without indentation, without blank lines, and without the comments that begin a line.
///
/// # Errors
/// A comment does not end. The error is a sentence that contains the line.
pub fn strip_styles(styles: &str) -> Result<String, String> {
    let lines = strip_blocks(styles)?;
    Ok(lines.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect())
}

/// Returns the text without the comments (`/* … */`) that begin a line.
fn strip_blocks(text: &str) -> Result<String, String> {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(line) = rest.split_inclusive('\n').next() {
        if line.trim_start().starts_with("/*") {
            let (_, after) =
                rest.split_once("*/").ok_or_else(|| format!("a comment does not end: {}", line.trim()))?;
            rest = after;
        } else {
            kept.push_str(line);
            rest = rest.get(line.len()..).unwrap_or_default();
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_keeps_its_rules() {
        assert_eq!(
            strip_styles("/* One. */\na {\n  color: red;\n}\n\n"),
            Ok("a {\ncolor: red;\n}\n".to_owned())
        );
    }

    #[test]
    fn an_unclosed_comment_is_refused() {
        assert_eq!(strip_styles("  /* open\na {}"), Err("a comment does not end: /* open".to_owned()));
    }
}
