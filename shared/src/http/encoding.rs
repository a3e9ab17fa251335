/// Returns whether `Accept-Encoding` (RFC 9110, section 12.5.3) gives gzip at least as much weight as no compression.
///
/// If the header is missing, any coding is allowed. In that case gzip is not used, because clients that do not send the
/// header seldom support it.
pub fn accepts_gzip(header: &str) -> bool {
    let gzip = weight(header, &["gzip", "x-gzip"]).or_else(|| weight(header, &["*"])).unwrap_or(0.0);
    let identity = weight(header, &["identity"]).unwrap_or(0.0);
    gzip > 0.0 && gzip >= identity
}

/// Finds the first element of the header that is one of these codings, and returns its weight. An invalid
/// weight is treated as 0.
fn weight(header: &str, codings: &[&str]) -> Option<f32> {
    header.split(',').find_map(|element| {
        let (coding, parameter) = element.split_once(';').unwrap_or((element, "q=1"));
        codings.iter().find(|known| coding.trim().eq_ignore_ascii_case(known))?;
        let (name, value) = parameter.split_once('=')?;
        let weight = value.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight));
        Some(weight.filter(|_| name.trim().eq_ignore_ascii_case("q")).unwrap_or(0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_that_list_gzip_accept_it() {
        for header in [
            "gzip",
            "gzip, deflate, br, zstd",
            "br;q=1.0, GZIP ; Q=0.8, *;q=0.1",
            "x-gzip",
            "*",
            "deflate, *;q=0.5",
            "gzip, identity",
            "identity;q=0.5, gzip;q=0.5",
            "identity;q=0, gzip;q=0.001",
        ] {
            assert!(accepts_gzip(header), "{header}");
        }
    }

    #[test]
    fn all_others_get_plain_text() {
        for header in [
            "",
            "identity",
            "br, zstd",
            "gzip;q=0",
            "gzip;q=0.000, *",
            "*;q=0",
            "identity, gzip;q=0.5",
            "gzip;q=2",
            "gzip;q=x",
            "gzip;q=NaN",
            "gzip;level=9",
            "gzip;",
            "gzipped",
            "identity;q=0",
            ",;,",
        ] {
            assert!(!accepts_gzip(header), "{header}");
        }
    }
}
