//! Builds the console's pages from the files in `page/`: for each page, joins and minifies its modules, and writes the
//! page gzipped. A page's content security policy allows only its own script and styles, by their hashes.
//!
//! Each page is one file, because inline modules cannot import each other, and separate files would cold-start several
//! instances. A page has at most 40 kB gzipped; without the minifier and zopfli it would have 75 kB. Both run only at build
//! time, and a build of `docs` alone compiles neither. There is no template language: the scripts set text, and the
//! policy's Trusted Types allow nothing else. `main.js` describes the modules; `checks/README.md` says how they are checked.

use bundle::{fill, gzip_small, join, minify_script, source, strip_styles, write_gzipped};
use std::error::Error;
use std::fs;
use std::path::Path;

/// The style sheets of each page, in the order in which they apply.
const MAIN_STYLES: [&str; 7] =
    ["tokens.css", "style.css", "list.css", "form.css", "link.css", "overview.css", "settings.css"];
const IMPORT_STYLES: [&str; 4] = ["tokens.css", "style.css", "form.css", "import.css"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=page");
    build("main", &MAIN_STYLES)?;
    build("import", &IMPORT_STYLES)
}

/// Builds the page whose script starts with the module `name`.
fn build(name: &str, styles: &[&str]) -> Result<(), Box<dyn Error>> {
    let script = minify_script(&join(Path::new("page"), &format!("{name}.js"))?)?;
    let mut sheet = String::new();
    for style in styles {
        sheet.push_str(&strip_styles(&fs::read_to_string(Path::new("page").join(style))?)?);
    }
    let page = fs::read_to_string("page/index.html")?;
    let places = [("version", env!("CARGO_PKG_VERSION")), ("styles", &sheet), ("script", &script)];
    let page = fill(&page, &places)?;
    let prefix = name.to_uppercase();
    write_gzipped(&format!("{name}.html.gz"), &format!("{prefix}_HASH"), &page, gzip_small)?;

    // The page shows QR codes as blobs. No script may turn text into HTML or code (Trusted Types).
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data: blob:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        source(&script),
        source(&sheet),
    );
    println!("cargo::rustc-env={prefix}_POLICY={policy}");
    Ok(())
}
