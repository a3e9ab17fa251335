use std::net::{Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Domains that, like all their subdomains, are resolved only within a private network: RFC 6761 (`localhost`), RFC
/// 6762 (`local`), RFC 8375 (`home.arpa`), and `internal`, which ICANN has reserved for private use (resolution
/// 2024.07.29.06).
const LOCAL_NAMES: [&str; 4] = ["localhost", "local", "home.arpa", "internal"];

/// Returns whether the URL leads to this machine or into a private network. Every spelling of an address is recognized,
/// because the parser has already converted texts such as `0x7f.1` and `2130706433` to the address.
pub fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            LOCAL_NAMES.iter().any(|local| is_below(name.trim_end_matches('.'), local))
        }
        Some(Host::Ipv4(address)) => is_private_v4(address),
        Some(Host::Ipv6(address)) => is_private_v6(address),
        None => false,
    }
}

/// Returns whether `name` is `domain` or one of its subdomains.
pub fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

/// Returns whether the address is in a special-purpose block without public hosts (RFC 6890), such as `169.254.169.254`.
/// <https://www.iana.org/assignments/iana-ipv4-special-registry/>
fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

/// Returns true if the address cannot belong to a public host, or if it embeds a private IPv4 address.
/// <https://www.iana.org/assignments/iana-ipv6-special-registry/>
fn is_private_v6(address: Ipv6Addr) -> bool {
    let carries_private =
        |high: u16, low: u16| is_private_v4((u32::from(high) << 16 | u32::from(low)).into());
    match address.segments() {
        // IPv4-compatible and IPv4-mapped (RFC 4291, section 2.5.5), IPv4-translated (RFC 2765) and NAT64 addresses
        // (RFC 6052).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => carries_private(high, low),
        // All addresses that IANA assigns to public hosts are in 2000::/3 (RFC 4291, section 2.4).
        [first, ..] if first & 0xe000 != 0x2000 => true,
        // The block 2001::/23 for special purposes (such as Teredo and ORCHIDs), and two blocks for documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => true,
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] if carries_private(high, low) => true,
        // ISATAP addresses (RFC 5214, section 6.1), with any prefix and any universal and group bits.
        [.., bits, 0x5efe, high, low] if bits & 0xfcff == 0 => carries_private(high, low),
        _ => false,
    }
}
