//! Builds the gzipped responses for `/docs` and `/openapi.json`: the OpenAPI document, and a page that contains Swagger UI,
//! the files in `page/` and the document. The page's content security policy allows only its own script and styles, by
//! their hashes.
//!
//! The function contains the two gzipped texts and no code to generate them. Plain texts would make the bootstrap 1.7 MB
//! larger. The price is that a clean build compiles `shared` and the SDK once more, for the build machine, without
//! optimization.

use bundle::{fill, gzip, source, write_gzipped};
use std::error::Error;
use std::fs;
use std::io::{Cursor, Read};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=page");

    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let notice = file(&mut archive, "/NOTICE")?;
    let bundle = file(&mut archive, "/dist/swagger-ui-bundle.js")?;
    let styles = file(&mut archive, "/dist/swagger-ui.css")?;

    // JavaScript reads the escaped strings as before, but HTML no longer sees the beginning or end of a script in them.
    let bundle = ["<!--", "<script", "</script"]
        .iter()
        .fold(bundle, |bundle, tag| bundle.replace(tag, &tag.replace('<', "\\x3C")));
    let styles = without_source_map(&styles);
    let script = format!("\n{bundle}\n{}", fs::read_to_string("page/start.js")?);
    let styles = format!("\n{styles}\n{}", fs::read_to_string("page/style.css")?);

    let document = openapi::document()?.to_string();
    // Without a `<`, no text in the document can end the element that contains it.
    let embedded = document.replace('<', "\\u003c");
    let page = fs::read_to_string("page/index.html")?;
    let page = fill(
        &page,
        &[("notice", notice.trim()), ("styles", &styles), ("document", &embedded), ("script", &script)],
    )?;
    write_gzipped("page.html.gz", "PAGE_HASH", &page, gzip)?;
    write_gzipped("openapi.json.gz", "DOCUMENT_HASH", &document, gzip)?;

    // The page shows images in responses as blobs.
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data: blob:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        source(&script),
        source(&styles),
    );
    println!("cargo::rustc-env=CONTENT_SECURITY_POLICY={policy}");
    Ok(())
}

/// Returns the text of the file at the path that ends with `end`. The beginning of the path contains the version.
fn file(archive: &mut ZipArchive<Cursor<&[u8]>>, end: &str) -> Result<String, Box<dyn Error>> {
    let names = archive.file_names().flatten().filter(|name| name.ends_with(end));
    let name = names.min_by_key(|name| name.len()).ok_or_else(|| format!("no {end}"))?.into_owned();
    let mut text = String::new();
    archive.by_name(&name)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Removes the reference to the source map, which developer tools would request from the API.
fn without_source_map(styles: &str) -> &str {
    styles.rsplit_once("/*# sourceMappingURL").map_or(styles, |(styles, _)| styles)
}
