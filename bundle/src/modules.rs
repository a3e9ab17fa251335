//! Joins ES modules into one script, because inline scripts cannot import each other and our pages load no other files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The prefixes of a declaration at the top level of a module.
const DECLARATIONS: [&str; 8] =
    ["async function* ", "async function ", "function* ", "function ", "class ", "const ", "let ", "var "];

/// The prefix of the comment above each module in the joined script. The module's name follows the prefix.
pub(crate) const NAMED: &str = "// module ";

/// Joins the module `entry` in `folder` and all modules that it imports, and returns the script. Each module comes
/// after the modules that it imports.
///
/// In the script, all modules share one scope, so no two of them may declare the same name. Imports must have the form
/// `import { a, b } from "./other.js";`, and top-level declarations must begin at the start of a line. A comment with
/// the module's name precedes each module, and each line of a module keeps its line number, counted from that comment.
///
/// # Errors
/// A file cannot be read, two modules declare the same name, modules import each other in a circle, a module does not export
/// an imported name, or an import or export has another form. The error is a sentence with the module's name.
pub fn join(folder: &Path, entry: &str) -> Result<String, String> {
    join_with(entry, &|name| {
        fs::read_to_string(folder.join(name)).map_err(|error| format!("{name} cannot be read: {error}"))
    })
}

fn join_with(entry: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let mut joined = Joined::new(read);
    joined.add(entry, &[])?;
    Ok(joined.text)
}

struct Joined<'a> {
    read: &'a dyn Fn(&str) -> Result<String, String>,
    text: String,
    /// The exports of each added module.
    exports: BTreeMap<String, Vec<String>>,
    /// For each name, the module that declares the name.
    owners: BTreeMap<String, String>,
}

/// A parsed module. Import statements and the word `export` are removed from its text.
#[derive(Default)]
struct Module {
    text: String,
    /// For each imported module, the names that are imported from it.
    imports: Vec<(String, Vec<String>)>,
    exports: Vec<String>,
    declared: Vec<String>,
}

impl<'a> Joined<'a> {
    fn new(read: &'a dyn Fn(&str) -> Result<String, String>) -> Self {
        Self { read, text: String::new(), exports: BTreeMap::new(), owners: BTreeMap::new() }
    }

    /// Adds a module, after the modules that it imports. `importers` is the chain of imports from the entry to this module.
    fn add(&mut self, name: &str, importers: &[&str]) -> Result<(), String> {
        if importers.contains(&name) {
            return Err(format!("{name} imports itself, through {}", importers.join(", ")));
        }
        if self.exports.contains_key(name) {
            return Ok(());
        }
        let module = Module::parse(&(self.read)(name)?).map_err(|rule| format!("{name}: {rule}"))?;
        let importers = [importers, &[name]].concat();
        for (other, names) in &module.imports {
            self.add(other, &importers)?;
            let exports = self.exports.get(other).map(Vec::as_slice).unwrap_or_default();
            if let Some(missing) = names.iter().find(|name| !exports.contains(name)) {
                return Err(format!("{name} imports {missing}, which {other} does not export"));
            }
        }
        for declared in module.declared {
            if let Some(owner) = self.owners.insert(declared.clone(), name.to_owned()) {
                return Err(format!("{declared} is declared in {owner} and in {name}"));
            }
        }
        self.text.push_str(&format!("{NAMED}{name}\n{}\n\n", module.text.trim_end()));
        self.exports.insert(name.to_owned(), module.exports);
        Ok(())
    }
}

impl Module {
    fn parse(text: &str) -> Result<Self, String> {
        let mut module = Self::default();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("import") && !line.starts_with("import(") {
                let mut statement = line.to_owned();
                module.text.push('\n');
                while !statement.ends_with(';') {
                    statement.push_str(lines.next().ok_or("an import does not end with a semicolon")?);
                    module.text.push('\n');
                }
                module.imports.push(import(&statement)?);
                continue;
            }
            let exported = line.strip_prefix("export ");
            let kept = exported.unwrap_or(line);
            let declaration = DECLARATIONS.iter().find_map(|kind| kept.strip_prefix(kind));
            if let Some(rest) = declaration {
                let end = rest.find(|char: char| !is_in_name(char)).unwrap_or(rest.len());
                let name = rest.get(..end).filter(|name| !name.is_empty());
                let name = name.ok_or_else(|| format!("a declaration needs one name: {line}"))?;
                module.declared.push(name.to_owned());
                module.exports.extend(exported.map(|_| name.to_owned()));
            } else if line.starts_with("export") {
                return Err(format!("an export must be a declaration with a name: {line}"));
            }
            module.text.push_str(kept);
            module.text.push('\n');
        }
        Ok(module)
    }
}

/// Parses an import statement, and returns the module and the imported names.
fn import(statement: &str) -> Result<(String, Vec<String>), String> {
    let parts = || {
        let (names, rest) = statement.strip_prefix("import {")?.split_once('}')?;
        let module = rest.trim().strip_prefix("from \"./")?.strip_suffix("\";")?;
        let names = names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let names: Vec<String> = names.collect();
        names.iter().all(|name| name.chars().all(is_in_name)).then(|| (module.to_owned(), names))
    };
    parts().ok_or_else(|| format!("an import must be `import {{ a, b }} from \"./other.js\";`: {statement}"))
}

fn is_in_name(char: char) -> bool {
    char.is_alphanumeric() || char == '_' || char == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(modules: &[(&str, &str)]) -> Result<String, String> {
        join_with("main.js", &|name| {
            let found = modules.iter().find(|(known, _)| *known == name);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| format!("{name} cannot be read"))
        })
    }

    #[test]
    fn each_module_comes_once_and_after_those_it_imports() {
        let main = "import { a } from \"./a.js\";\nimport {\n  b,\n  c,\n} from \"./b.js\";\n\na(b, c);\n";
        let a = "import { b } from \"./b.js\";\n\nexport function a() {\n  const inner = 1;\n  return b + inner;\n}\n";
        let b = "/** Two. */\nexport const b = 2;\nexport async function c() {}\nconst inner$ = 3;\n";
        let expected = "// module b.js\n/** Two. */\nconst b = 2;\nasync function c() {}\nconst inner$ = 3;\n\n\
                        // module a.js\n\n\nfunction a() {\n  const inner = 1;\n  return b + inner;\n}\n\n\
                        // module main.js\n\n\n\n\n\n\na(b, c);\n\n";
        assert_eq!(joined(&[("main.js", main), ("a.js", a), ("b.js", b)]), Ok(expected.to_owned()));
    }

    #[test]
    fn two_modules_that_declare_one_name_are_refused() {
        for (one, other) in [
            ("const same = 1;", "const same = 2;"),
            ("export function same() {}", "class same {}"),
            ("export let same;", "async function same() {}"),
            ("function* same() {}", "var same;"),
        ] {
            let main = format!("import {{ }} from \"./a.js\";\n{one}\n");
            let clash = joined(&[("main.js", &main), ("a.js", other)]);
            assert_eq!(clash, Err("same is declared in a.js and in main.js".to_owned()), "{one} {other}");
        }
    }

    #[test]
    fn invalid_imports_and_exports_are_refused_with_the_modules_name() {
        for (main, other, sentence) in [
            (
                "import { b } from \"./a.js\";",
                "const b = 1;",
                "main.js imports b, which a.js does not export",
            ),
            ("import { b } from \"./c.js\";", "", "c.js cannot be read"),
            (
                "import { b } from \"./a.js\";",
                "import { c } from \"./main.js\";",
                "main.js imports itself, through main.js, a.js",
            ),
            ("import \"./a.js\";", "", "main.js: an import must be"),
            ("import a from \"./a.js\";", "", "main.js: an import must be"),
            ("import * as a from \"./a.js\";", "", "main.js: an import must be"),
            ("import { b as c } from \"./a.js\";", "", "main.js: an import must be"),
            ("import { b } from \"https://example.com/a.js\";", "", "main.js: an import must be"),
            ("import { b } from \"./a.js\"", "", "main.js: an import does not end with a semicolon"),
            ("import { } from \"./a.js\";", "export default 1;", "a.js: an export must be a declaration"),
            ("import { } from \"./a.js\";", "export { b };", "a.js: an export must be a declaration"),
            ("import { } from \"./a.js\";", "export const { b } = c;", "a.js: a declaration needs one name"),
            ("import { } from \"./a.js\";", "const [b] = c;", "a.js: a declaration needs one name"),
        ] {
            let error = joined(&[("main.js", main), ("a.js", other)]).unwrap_err();
            assert!(error.starts_with(sentence), "{main} {other}: {error}");
        }
    }
}
