//! Shared code of the build scripts of `console` and `docs`: assembles a page from files, hashes its inline scripts and
//! styles for the content security policy, and gzips it. The feature `minify` makes our own pages as small as possible.

mod modules;
#[cfg(feature = "minify")]
mod script;
mod strip;

pub use modules::join;
#[cfg(feature = "minify")]
pub use script::minify_script;
pub use strip::strip_styles;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::{env, fs, io};

/// Fills the placeholders `{{name}}` of a template, in the order of `places`. Inserted text is not searched for
/// placeholders.
///
/// # Errors
/// A placeholder is missing from the template, or comes before the previous one. The error is a sentence.
pub fn fill(template: &str, places: &[(&str, &str)]) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = template;
    for (name, value) in places {
        let place = format!("{{{{{name}}}}}");
        let (before, after) = rest.split_once(&place).ok_or_else(|| format!("no {place} in the template"))?;
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// Returns the source expression of an inline script or style for a content security policy (CSP3, section 2.3.1).
pub fn source(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// Gzips the text quickly.
///
/// # Errors
/// Out of memory.
pub fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

/// Gzips the text. The result is 5 % smaller than that of [`gzip`], but compression takes fifty times as long.
///
/// # Errors
/// Out of memory.
#[cfg(feature = "minify")]
pub fn gzip_small(text: &str) -> io::Result<Vec<u8>> {
    let mut gzipped = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, text.as_bytes(), &mut gzipped)?;
    Ok(gzipped)
}

/// Writes the gzipped text to `OUT_DIR` under `name`, for the crate to include. While the crate is compiled, the
/// environment variable that `hash` names contains the text's hash. Only a build script can call this.
///
/// # Errors
/// The file could not be written.
pub fn write_gzipped(
    name: &str,
    hash: &str,
    text: &str,
    gzip: fn(&str) -> io::Result<Vec<u8>>,
) -> Result<(), Box<dyn Error>> {
    fs::write(Path::new(&env::var("OUT_DIR")?).join(name), gzip(text)?)?;
    let digest = Sha256::digest(text);
    let half = digest.get(..16).ok_or("a SHA-256 hash is 32 bytes long")?;
    println!("cargo::rustc-env={hash}={}", BASE64_URL_SAFE_NO_PAD.encode(half));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_order_and_a_missing_one_is_reported() {
        let places = [("a", "{{b}}"), ("b", "2")];
        assert_eq!(fill("<{{a}}|{{b}}>", &places), Ok("<{{b}}|2>".to_owned()));
        assert_eq!(fill("<{{b}}>", &places), Err("no {{a}} in the template".to_owned()));
    }

    #[test]
    fn a_source_is_the_hash_that_browsers_compute() {
        // The example in CSP2, section 7.1.1: https://www.w3.org/TR/CSP2/#script-src-hash-usage
        let expected = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert_eq!(source("alert('Hello, world.');"), expected);
    }
}
