//! Leaves out of scripts and style sheets what only their readers need.

/// Leaves out the comments, the indentation and the blank lines of a script of this project.
///
/// A comment either begins a line, after its indentation, or is a type, `/** @… */`, inside one. So nothing has to be known of
/// strings and regular expressions, as long as none holds such a type or runs over several lines.
///
/// # Errors
/// A template literal runs over several lines, or a comment does not end; as a sentence with the line.
pub fn strip_script(script: &str) -> Result<String, String> {
    let lines = strip_blocks(script)?;
    let mut stripped = String::new();
    for line in lines.lines() {
        let line = strip_types(line.trim());
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if line.matches('`').count() % 2 == 1 {
            return Err(format!("a template literal must end on its line: {line}"));
        }
        stripped.push_str(&line);
        stripped.push('\n');
    }
    Ok(stripped)
}

/// Leaves out the comments that begin a line, the indentation and the blank lines of a style sheet.
///
/// # Errors
/// A comment does not end; as a sentence with the line.
pub fn strip_styles(styles: &str) -> Result<String, String> {
    let lines = strip_blocks(styles)?;
    Ok(lines.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect())
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

/// The line without the comments that say a type.
fn strip_types(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, comment)) = rest.split_once("/** @")
        && let Some((_, after)) = comment.split_once("*/")
    {
        kept.push_str(before);
        rest = after.trim_start();
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_keeps_what_runs() {
        let script = "/**\n * Says it.\n * @param {string} text\n */\nexport function say(text) {\n  // Once is enough.\n\n  \
                      const all = /** @type {string[]} */ ([text]);\n  /** @type {number} */ (1);\n  return `//${all} /* kept */`;\n}\n";
        let expected =
            "export function say(text) {\nconst all = ([text]);\n(1);\nreturn `//${all} /* kept */`;\n}\n";
        assert_eq!(strip_script(script), Ok(expected.to_owned()));
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        let literal = strip_script("const a = `one\n  // two`;");
        assert_eq!(literal, Err("a template literal must end on its line: const a = `one".to_owned()));
        assert_eq!(strip_script("  /* open\nlet a;"), Err("a comment does not end: /* open".to_owned()));
        assert_eq!(strip_styles("/* open"), Err("a comment does not end: /* open".to_owned()));
    }

    #[test]
    fn a_style_sheet_keeps_its_rules() {
        assert_eq!(
            strip_styles("/* One. */\na {\n  color: red;\n}\n\n"),
            Ok("a {\ncolor: red;\n}\n".to_owned())
        );
    }
}
