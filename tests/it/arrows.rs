//! Which modules of `shared` may use which others, as listed under "Invariants" in ARCHITECTURE.md.

use regex_lite::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The modules, each with the modules that it uses.
const ARROWS: [(&str, &[&str]); 12] = [
    ("auth", &["aws", "error", "json", "model", "settings", "ttl_cache"]),
    ("aws", &["settings"]),
    ("clicks", &["model", "settings"]),
    ("error", &["auth", "model", "schema", "store"]),
    ("http", &["auth", "clicks", "error", "json", "model", "schema", "settings", "store"]),
    ("json", &[]),
    ("lambda", &["auth", "aws", "clicks", "error", "http", "model", "settings", "store"]),
    ("model", &[]),
    ("schema", &["model"]),
    ("settings", &["model"]),
    ("store", &["aws", "model", "settings", "ttl_cache"]),
    ("ttl_cache", &["model"]),
];

/// Returns the source code of a module, from its file and its folder.
fn sources(path: &Path) -> String {
    let mut sources = fs::read_to_string(path.with_extension("rs")).unwrap();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    sources
}

#[test]
fn the_modules_of_shared_use_each_other_in_one_direction() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src");
    let library = fs::read_to_string(source.join("lib.rs")).unwrap();
    let declared = Regex::new(r"(?m)^(?:pub )?mod (\w+);").unwrap();
    let declared: BTreeSet<&str> =
        declared.captures_iter(&library).map(|found| found.get(1).unwrap().as_str()).collect();
    assert_eq!(declared, ARROWS.iter().map(|(module, _)| *module).collect());
    let used = Regex::new(r"\bcrate::(?:\{([^}]*)\}|(\w+))").unwrap();
    for (module, allowed) in ARROWS {
        let sources = sources(&source.join(module));
        let modules = used.captures_iter(&sources).flat_map(|found| {
            let names = found.get(1).or(found.get(2)).unwrap().as_str();
            names.split(',').map(|name| name.trim().split("::").next().unwrap()).collect::<Vec<_>>()
        });
        let modules: BTreeSet<&str> =
            modules.filter(|name| *name != module && declared.contains(name)).collect();
        assert_eq!(modules, allowed.iter().copied().collect(), "{module}");
    }
}
