/// Domains at which anybody can have an e-mail address.
const PUBLIC: [&str; 30] = [
    "126.com",
    "163.com",
    "aol.com",
    "fastmail.com",
    "free.fr",
    "hey.com",
    "laposte.net",
    "libero.it",
    "live.co.uk",
    "live.com",
    "live.fr",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "pm.me",
    "proton.me",
    "qq.com",
    "rocketmail.com",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "web.de",
    "ya.ru",
    "ymail.com",
    "zoho.com",
    "zohomail.com",
];
/// Providers of such addresses that have a domain in each of many countries: `hotmail.fr`, `yahoo.co.jp`.
const BRANDS: [&str; 9] =
    ["gmail", "gmx", "googlemail", "hotmail", "icloud", "outlook", "protonmail", "yahoo", "yandex"];

/// Whether anybody can have an address at this domain, which is in lower case. Not all such domains are known.
pub fn is_public(domain: &str) -> bool {
    let is_of_a_brand = domain.split_once('.').is_some_and(|(name, suffix)| {
        let mut labels = suffix.split('.');
        BRANDS.contains(&name) && labels.all(|label| label.len() <= 3)
    });
    is_of_a_brand || PUBLIC.contains(&domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_providers_domain_is_known_in_every_country_and_a_companys_is_not_one() {
        for domain in ["gmail.com", "hotmail.fr", "yahoo.co.jp", "live.com", "outlook.com", "icloud.com"] {
            assert!(is_public(domain), "{domain}");
        }
        for domain in ["example.com", "gmail.example.com", "notgmail.com", "live.example.com", "gmail"] {
            assert!(!is_public(domain), "{domain}");
        }
    }
}
