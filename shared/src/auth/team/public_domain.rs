/// Domains of public mail providers.
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
/// Public mail providers with domains in many countries, such as `hotmail.fr` and `yahoo.co.jp`.
const BRANDS: [&str; 9] =
    ["gmail", "gmx", "googlemail", "hotmail", "icloud", "outlook", "protonmail", "yahoo", "yandex"];

/// Returns whether this domain, in lower case, is known to belong to a public mail provider. The list is not complete.
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
