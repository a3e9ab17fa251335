//! x
#![allow(missing_docs, clippy::all, clippy::unwrap_used)]
use import::file::*;
fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        println!("== {path}");
        match read(&bytes, None) {
            Err(e) => println!("ERR {e}"),
            Ok(f) => {
                println!("{} {}", f.source.as_str(), f.rows.len());
                for r in f.rows.iter().take(40) {
                    println!(
                        "  {} slug={:?} url={:?} title={:?} tags={:?} {} exp={:?} acc={:?} fwd={:?} refused={:?}",
                        r.number,
                        r.slug,
                        r.url,
                        r.title,
                        r.tags,
                        if r.enabled { "on" } else { "OFF" },
                        r.expires_at.as_ref().map(|e| match e {
                            Expiry::At(t) => t.to_string(),
                            Expiry::Invalid(t) => format!("INVALID {t}"),
                        }),
                        r.access,
                        r.forward,
                        r.refused
                    );
                }
            }
        }
    }
}
