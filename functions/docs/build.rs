//! Puts the page of `/docs` together, but for the OpenAPI document: Swagger UI from the crate that carries it, and the
//! files in `page/`. The policy that allows the page its own script and styles, by their hashes, is made here too.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::io::{Cursor, Read};
use std::path::Path;
use std::{env, fs};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=page");

    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let notice = file(&mut archive, "/NOTICE")?;
    let bundle = file(&mut archive, "/dist/swagger-ui-bundle.js")?;
    let styles = file(&mut archive, "/dist/swagger-ui.css")?;

    // So escaped, literals stay what they are to JavaScript, and are neither end nor beginning of a script to HTML.
    let bundle = ["<!--", "<script", "</script"]
        .iter()
        .fold(bundle, |bundle, tag| bundle.replace(tag, &tag.replace('<', "\\x3C")));
    let styles = without_source_map(&styles);
    let script = format!("\n{bundle}\n{}", fs::read_to_string("page/start.js")?);
    let styles = format!("\n{styles}\n{}", fs::read_to_string("page/style.css")?);

    let page = fs::read_to_string("page/index.html")?;
    let (before, after) = page.split_once("{{document}}").ok_or("page/index.html has no {{document}}")?;
    let fill = |part: &str| {
        let part = part.replace("{{notice}}", notice.trim());
        part.replace("{{styles}}", &styles).replace("{{script}}", &script)
    };
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("before.html"), fill(before))?;
    fs::write(Path::new(&out).join("after.html"), fill(after))?;

    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        source(&script),
        source(&styles),
    );
    println!("cargo::rustc-env=CONTENT_SECURITY_POLICY={policy}");
    Ok(())
}

/// The text of the file whose path ends like this. The folder at its beginning is named after the version.
fn file(archive: &mut ZipArchive<Cursor<&[u8]>>, end: &str) -> Result<String, Box<dyn Error>> {
    let names = archive.file_names().flatten().filter(|name| name.ends_with(end));
    let name = names.min_by_key(|name| name.len()).ok_or_else(|| format!("no {end}"))?.into_owned();
    let mut text = String::new();
    archive.by_name(&name)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Developer tools would ask the API for the map.
fn without_source_map(styles: &str) -> &str {
    styles.rsplit_once("/*# sourceMappingURL").map_or(styles, |(styles, _)| styles)
}

/// How a policy names an inline script or style.
fn source(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}
