use crate::error::Unauthenticated;

/// The maximum length of a token. API Gateway's limit for headers is lower.
const MAX_LENGTH: usize = 16 * 1024;
/// Placeholders that clients send instead of a token, for example if a variable is empty.
const PLACEHOLDERS: [&str; 9] =
    ["undefined", "null", "none", "nil", "nan", "false", "object object", "token", "access_token"];

/// Separators that clients put after the scheme by mistake.
const SEPARATORS: [char; 3] = [':', '=', ','];

/// Returns the token in a header `Authorization` (RFC 6750, section 2.1). The header must consist of the scheme (upper
/// or lower case), one space and one token.
///
/// # Errors
/// The header is malformed. The reason depends only on the header's text.
pub fn bearer(header: &str) -> Result<&str, Unauthenticated> {
    if header.trim().is_empty() {
        return Err(Unauthenticated::Missing);
    }
    let Some((scheme, token)) = header.split_once(char::is_whitespace) else {
        return Err(without_token(header));
    };
    if !is_bearer(scheme) {
        let quoted = is_bearer(scheme.trim_start_matches(is_quote)) && !scheme.is_empty();
        return Err(match scheme {
            "" => Unauthenticated::WhiteSpace,
            _ if quoted => Unauthenticated::Quoted,
            _ if is_bearer(scheme.trim_end_matches(SEPARATORS)) && token.trim().is_empty() => {
                Unauthenticated::NoToken
            }
            _ if is_bearer(scheme.trim_end_matches(SEPARATORS)) => Unauthenticated::NoScheme,
            _ => Unauthenticated::OtherScheme,
        });
    }
    if token.trim().is_empty() {
        return Err(Unauthenticated::NoToken);
    }
    if token.len() > MAX_LENGTH {
        return Err(Unauthenticated::NotAToken);
    }
    // A second space is as invalid as a tab.
    let after_scheme = header.get(scheme.len()..).unwrap_or_default();
    check(token)?;
    if after_scheme.starts_with(' ') { Ok(token) } else { Err(Unauthenticated::WhiteSpace) }
}

fn without_token(header: &str) -> Unauthenticated {
    if is_bearer(header.trim_end_matches(SEPARATORS)) {
        Unauthenticated::NoToken
    } else if header.contains('.') || header.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Unauthenticated::NoScheme
    } else {
        Unauthenticated::OtherScheme
    }
}

/// Checks that exactly one token, of any kind, follows the scheme.
fn check(token: &str) -> Result<(), Unauthenticated> {
    let mut words = token.split(|character: char| character.is_whitespace() || ",:=".contains(character));
    if words.find(|word| !word.is_empty()).is_some_and(is_bearer) {
        return Err(Unauthenticated::SchemeTwice);
    }
    let inside = token.trim().trim_matches(is_quote);
    let is_quoted = inside.len() < token.trim().len();
    let is_placeholder = PLACEHOLDERS.iter().any(|word| inside.eq_ignore_ascii_case(word));
    let is_variable = token.starts_with(['$', '%']) || (is_quoted && !inside.contains('.'));
    if is_placeholder || (is_variable && !inside.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err(Unauthenticated::Placeholder);
    }
    if token.contains(',') {
        return Err(Unauthenticated::Several);
    }
    if is_quoted {
        return Err(Unauthenticated::Quoted);
    }
    if token.contains(char::is_whitespace) { Err(Unauthenticated::WhiteSpace) } else { Ok(()) }
}

fn is_bearer(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer")
}

/// Returns whether a character is a bracket, or a quotation mark that programs put around copied text.
fn is_quote(character: char) -> bool {
    "\"'`<>()[]{}\u{ab}\u{bb}\u{2018}\u{2019}\u{201a}\u{201c}\u{201d}\u{201e}".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Unauthenticated::*;

    const TOKEN: &str = "eyJh.eyJz.c2ln";

    #[test]
    fn a_header_of_one_scheme_one_space_and_one_token_is_read() {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            assert_eq!(bearer(&format!("{scheme} {TOKEN}")), Ok(TOKEN));
        }
    }

    #[test]
    fn every_other_header_has_its_own_sentence() {
        for (header, reason) in [
            ("", Missing),
            ("  ", Missing),
            ("Bearer", NoToken),
            ("bearer ", NoToken),
            ("Bearer   ", NoToken),
            ("Bearer:", NoToken),
            ("eyJh.eyJz.c2ln", NoScheme),
            ("0123456789abcdef0123456789abcdef", NoScheme),
            ("Bearer:eyJh.eyJz.c2ln", NoScheme),
            ("Bearer: eyJh.eyJz.c2ln", NoScheme),
            ("Bearer, eyJh.eyJz.c2ln", NoScheme),
            ("Bearer: ", NoToken),
            ("Basic YTpi", OtherScheme),
            ("Token eyJh.eyJz.c2ln", OtherScheme),
            ("JWT eyJh.eyJz.c2ln", OtherScheme),
            ("Negotiate", OtherScheme),
            ("Bearer Bearer eyJh.eyJz.c2ln", SchemeTwice),
            ("Bearer bearer eyJh.eyJz.c2ln", SchemeTwice),
            ("Bearer  Bearer eyJh.eyJz.c2ln", SchemeTwice),
            ("Bearer Bearer", SchemeTwice),
            ("Bearer Bearer: eyJh.eyJz.c2ln", SchemeTwice),
            ("Bearer \"eyJh.eyJz.c2ln\"", Quoted),
            ("\"Bearer eyJh.eyJz.c2ln\"", Quoted),
            ("Bearer 'eyJh.eyJz.c2ln'", Quoted),
            ("Bearer <eyJh.eyJz.c2ln>", Quoted),
            ("Bearer eyJh.eyJz.c2ln\"", Quoted),
            ("Bearer \u{201c}eyJh.eyJz.c2ln\u{201d}", Quoted),
            ("Bearer {eyJh.eyJz.c2ln}", Quoted),
            ("Bearer  eyJh.eyJz.c2ln", WhiteSpace),
            ("Bearer\teyJh.eyJz.c2ln", WhiteSpace),
            ("Bearer eyJh.eyJz.c2ln ", WhiteSpace),
            ("Bearer eyJh. eyJz.c2ln", WhiteSpace),
            (" Bearer eyJh.eyJz.c2ln", WhiteSpace),
            ("Bearer eyJh.eyJz.c2ln, Bearer eyJh.eyJz.c2ln", Several),
            ("Bearer eyJh.eyJz.c2ln,", Several),
            ("Bearer undefined", Placeholder),
            ("Bearer null", Placeholder),
            ("Bearer [object Object]", Placeholder),
            ("Bearer $TOKEN", Placeholder),
            ("Bearer ${TOKEN}", Placeholder),
            ("Bearer {{token}}", Placeholder),
            ("Bearer <token>", Placeholder),
            ("Bearer %TOKEN%", Placeholder),
        ] {
            assert_eq!(bearer(header), Err(reason), "{header}");
        }
    }
}
