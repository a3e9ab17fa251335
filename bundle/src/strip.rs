//! Leaves out of style sheets what only their readers need.

/// Leaves out the comments that begin a line, and the white space around what begins or ends one: so nothing has to be known of
/// strings and selectors, which do not run over several lines.
///
/// # Errors
/// A comment does not end; as a sentence with the line.
pub fn strip_styles(styles: &str) -> Result<String, String> {
    let lines = strip_blocks(styles)?;
    let mut stripped = String::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line == "}" && stripped.ends_with(';') {
            stripped.pop();
        }
        let (start, end) = line.strip_suffix(" {").map_or((line, ""), |start| (start, "{"));
        match start.split_once(": ") {
            Some((property, value)) if property.chars().all(|char| char.is_alphanumeric() || char == '-') => {
                stripped.extend([property, ":", value]);
            }
            _ => stripped.push_str(start),
        }
        stripped.push_str(end);
        if !stripped.ends_with(['{', '}', ';', ',']) {
            stripped.push('\n');
        }
    }
    Ok(stripped)
}

/// The text without the comments `/* … */` that begin a line.
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
        let styles = "/* One. */\na,\nb:hover::before {\n  content: \"a: {\";\n  width: calc(1px + 2px); /* Two. */\n\n  --a:\n    \
                      b  c;\n}\n\n@media (width < 9em) {\n  a > b { color: red; }\n}\n";
        let expected = "a,b:hover::before{content:\"a: {\";width:calc(1px + 2px); /* Two. */\n--a:\nb  c}\
                        @media (width < 9em){a > b { color: red; }}";
        assert_eq!(strip_styles(styles), Ok(expected.to_owned()));
    }

    #[test]
    fn a_comment_without_an_end_is_refused() {
        assert_eq!(strip_styles("  /* open\na {}"), Err("a comment does not end: /* open".to_owned()));
    }
}
