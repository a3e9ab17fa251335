//! Puts the console together: the files in `page/`, its modules joined into one, as one gzipped page. The page's content
//! security policy allows its own script and styles by their hashes.

use bundle::{fill, join, source, write_gzipped};
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=page");

    let script = format!("\n{}", join(Path::new("page"), "main.js")?);
    let styles = ["tokens.css", "style.css"].map(|name| fs::read_to_string(Path::new("page").join(name)));
    let [tokens, own] = styles;
    let styles = format!("\n{}\n{}", tokens?, own?);
    let page = fs::read_to_string("page/index.html")?;
    let page = fill(&page, &[("styles", &styles), ("script", &script)])?;
    write_gzipped("page.html.gz", "PAGE_HASH", &page)?;

    // Pictures are QR codes, which the page makes blobs of. Nothing may turn text into HTML or code (Trusted Types).
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data: blob:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        source(&script),
        source(&styles),
    );
    println!("cargo::rustc-env=CONTENT_SECURITY_POLICY={policy}");
    Ok(())
}
