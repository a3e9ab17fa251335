//! Minifies a script without changing its behavior.

use crate::modules::NAMED;
use oxc_allocator::{Allocator, Vec as ArenaVec};
use oxc_ast::ast::Statement;
use oxc_ast_visit::{VisitMut, walk_mut};
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_mangler::Mangler;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

/// Minifies the output of [`join`](crate::join): removes comments and white space, joins consecutive declarations, and
/// shortens the names of variables, functions and parameters, even at the top level. Properties keep their names. The
/// result is safe inside a `<script>` element.
///
/// # Errors
/// The script has a syntax error, or contains text that HTML would take for the beginning or end of a script. The error is a
/// sentence; for a syntax error, it begins with the module and the line.
pub fn minify_script(script: &str) -> Result<String, String> {
    let allocator = Allocator::default();
    let options = ParseOptions { preserve_parens: false, ..ParseOptions::default() };
    let mut parsed = Parser::new(&allocator, script, SourceType::mjs()).with_options(options).parse();
    JoinDeclarations(&allocator).visit_program(&mut parsed.program);
    let analysis =
        SemanticBuilder::new_compiler().with_build_nodes(true).with_class_table(true).build(&parsed.program);
    if let Some(fault) = parsed.diagnostics.iter().chain(&analysis.diagnostics).next() {
        let start = fault.labels.first().map_or(0, |label| label.offset());
        return Err(format!("{}: {fault}", place(script, usize::try_from(start).unwrap_or_default())));
    }
    let mut semantic = analysis.semantic;
    let private = Mangler::new().build_with_semantic(&mut semantic, &parsed.program);
    let minified = Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(Some(semantic.into_scoping()))
        .with_private_member_mappings(Some(private))
        .build(&parsed.program)
        .code;
    // HTML, section 4.12.1.3: https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements
    let lowercase = minified.to_ascii_lowercase();
    match ["<!--", "<script", "</script"].iter().find(|tag| lowercase.contains(**tag)) {
        Some(tag) => Err(format!("a script in a page must not contain {tag}")),
        None => Ok(minified),
    }
}

/// Joins consecutive declarations of one kind: `const a = 1; const b = 2;` becomes `const a = 1, b = 2;`.
struct JoinDeclarations<'a>(&'a Allocator);

impl<'a> VisitMut<'a> for JoinDeclarations<'a> {
    fn visit_statements(&mut self, statements: &mut ArenaVec<'a, Statement<'a>>) {
        walk_mut::walk_statements(self, statements);
        for mut statement in std::mem::replace(statements, ArenaVec::new_in(&self.0)) {
            match (&mut statement, statements.last_mut()) {
                (Statement::VariableDeclaration(next), Some(Statement::VariableDeclaration(last)))
                    if next.kind == last.kind =>
                {
                    last.declarations.append(&mut next.declarations);
                }
                _ => statements.push(statement),
            }
        }
    }
}

/// Returns the module and the line number of a byte in a joined script, and the text of that line.
fn place(script: &str, start: usize) -> String {
    let before = script.get(..start).unwrap_or(script);
    let (name, before) = before
        .rsplit_once(NAMED)
        .map_or(("", before), |(_, module)| module.split_once('\n').unwrap_or((module, "")));
    let text = script.lines().nth(script.get(..start).unwrap_or(script).matches('\n').count());
    format!("{name}, line {}: {}", before.matches('\n').count() + 1, text.unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minified_script_runs_the_same_with_shorter_names() {
        let script = "// module say.js\n/**\n * Says it.\n * @param {string} text\n */\nfunction say(text) {\n  // Once.\n  \
                      const all = /** @type {string[]} */ ([text]);\n  return { all, text: `//${all} /* kept */` };\n}\n\n\
                      document.title = say(\"</b>\").text;\n";
        let expected =
            "function e(e){const t=[e];return{all:t,text:`//${t} /* kept */`}}document.title=e(`</b>`).text;";
        assert_eq!(minify_script(script), Ok(expected.to_owned()));
    }

    #[test]
    fn declarations_of_one_kind_are_joined() {
        assert_eq!(
            minify_script(
                "const a = 1;\nconst b = 2;\nlet c = b;\nf(() => {\n  let d;\n  let e = 3;\n  g(a, b, c, d, e);\n});"
            ),
            Ok("const e=1,t=2;let n=t;f(()=>{let r,i=3;g(e,t,n,r,i)});".to_owned())
        );
    }

    #[test]
    fn a_syntax_error_has_its_module_and_line() {
        for (script, start) in [
            ("// module a.js\nlet a;\n\n// module b.js\nlet b;\nlet = ;\n", "b.js, line 2: let = ;: "),
            ("// module a.js\nlet a;\nlet a;\n", "a.js, line 1: let a;: "),
            ("// module a.js\nfor (const a of []) {\n", "a.js, line 2: : "),
        ] {
            let fault = minify_script(script).unwrap_err();
            assert!(fault.starts_with(start), "{fault}");
        }
    }

    #[test]
    fn text_that_html_would_take_for_a_tag_is_refused_or_escaped() {
        let comment = minify_script("console.log(\"<!--\");");
        assert_eq!(comment, Err("a script in a page must not contain <!--".to_owned()));
        assert_eq!(minify_script("f(\"</script>\");"), Ok("f(`<\\/script>`);".to_owned()));
    }
}
