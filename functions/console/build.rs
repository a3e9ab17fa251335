//! Builds the console from the files in `page/`: joins and minifies the modules, and writes one gzipped page. The page's content
//! security policy allows only its own script and styles, by their hashes.

use bundle::{fill, gzip_small, join, minify_script, source, strip_styles, write_gzipped};
use std::error::Error;
use std::fs;
use std::path::Path;

/// The style sheets, in the order in which they apply.
const STYLES: [&str; 7] =
    ["tokens.css", "style.css", "list.css", "form.css", "link.css", "overview.css", "settings.css"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=page");

    let script = minify_script(&join(Path::new("page"), "main.js")?)?;
    let mut styles = String::new();
    for name in STYLES {
        styles.push_str(&strip_styles(&fs::read_to_string(Path::new("page").join(name))?)?);
    }
    let page = fs::read_to_string("page/index.html")?;
    let places = [("version", env!("CARGO_PKG_VERSION")), ("styles", &styles), ("script", &script)];
    let page = fill(&page, &places)?;
    write_gzipped("page.html.gz", "PAGE_HASH", &page, gzip_small)?;

    // The page shows QR codes as blobs. No script may turn text into HTML or code (Trusted Types).
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data: blob:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        source(&script),
        source(&styles),
    );
    println!("cargo::rustc-env=CONTENT_SECURITY_POLICY={policy}");
    Ok(())
}
