//! Makes style sheets smaller, without changing what they do.

/// Removes from a style sheet the text that has no effect: comments at the start of a line, and unnecessary white space
/// and semicolons. Strings stay as they are. A string must not contain the quotation mark that encloses it, not even
/// escaped.
///
/// # Errors
/// A comment does not end. The error is a sentence that contains the line.
pub fn strip_styles(styles: &str) -> Result<String, String> {
    let mut stripped = String::new();
    let mut quote = None;
    for char in strip_blocks(styles)?.chars() {
        match (quote, char) {
            (Some(end), _) => quote = (char != end).then_some(end),
            (None, '"' | '\'') => quote = Some(char),
            // A space before a colon separates selectors. A space after a colon means nothing.
            (None, _) if char.is_whitespace() => {
                if !stripped.is_empty() && !stripped.ends_with([' ', '{', '}', ';', ':', ',']) {
                    stripped.push(' ');
                }
                continue;
            }
            (None, '{' | '}') => stripped.truncate(stripped.trim_end_matches([' ', ';']).len()),
            (None, _) => {}
        }
        stripped.push(char);
    }
    Ok(stripped.trim_end().to_owned())
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
            strip_styles(
                "/* One. */\na,\nb :is(c, d) {\n  color: red;\n  margin: 0 auto;\n}\n\n@media (width: 1px) and (x) { a { --b: 1px } }\n"
            ),
            Ok("a,b :is(c,d){color:red;margin:0 auto}@media (width:1px) and (x){a{--b:1px}}".to_owned())
        );
    }

    #[test]
    fn strings_stay_as_they_are() {
        let styles = r#"a{content:"; }  '";font-family:'a: b',c}"#;
        assert_eq!(strip_styles(styles), Ok(styles.to_owned()));
    }

    #[test]
    fn an_unclosed_comment_is_refused() {
        assert_eq!(strip_styles("  /* open\na {}"), Err("a comment does not end: /* open".to_owned()));
    }
}
