/// Why no caller is known.
///
/// Every variant except [`Expired`](Self::Expired) and [`SessionExpired`](Self::SessionExpired) follows from the request's own
/// text, whatever the keys, the settings and the provider are: a client learns nothing from it that it could not see itself.
/// A token that fails any later check is [`Invalid`](Self::Invalid) or, from the session cookie,
/// [`SessionInvalid`](Self::SessionInvalid). Neither says which check failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unauthenticated {
    /// No token was sent.
    Missing,
    /// The token is in the query string, where RFC 6750 (section 2.3) advises against it: URLs are logged.
    InQuery,
    /// The session cookie came with a request that another site may have caused.
    CrossSite,
    /// The issuer signed the token in the session cookie, and it has expired.
    SessionExpired,
    /// The session cookie does not hold a token that the issuer signed for this service.
    SessionInvalid,
    /// The header has another scheme, such as `Basic`.
    OtherScheme,
    /// The header is a token without a scheme.
    NoScheme,
    /// Nothing follows the scheme.
    NoToken,
    /// The scheme is there twice.
    SchemeTwice,
    /// The token is in quotation marks or brackets.
    Quoted,
    /// There is white space before, in or after the token.
    WhiteSpace,
    /// There is a comma: two headers arrive as one that has it.
    Several,
    /// A placeholder that a client did not replace, such as `undefined`.
    Placeholder,
    /// The token has fewer than three parts, or too short a signature.
    Incomplete,
    /// The header of the token, its first part, is not readable.
    Damaged,
    /// It is not a signed JWT (RFC 7515).
    NotAToken,
    /// It looks like an API key, and is not a valid one. The same for each key: none is confirmed to be one.
    ApiKey,
    /// The issuer signed the token, and its time is over.
    Expired,
    /// The issuer did not sign the token for this service, or its time is over.
    Invalid,
}

impl Unauthenticated {
    /// Every reason, for tables.
    pub const ALL: [Self; 19] = [
        Self::Missing,
        Self::InQuery,
        Self::CrossSite,
        Self::SessionExpired,
        Self::SessionInvalid,
        Self::OtherScheme,
        Self::NoScheme,
        Self::NoToken,
        Self::SchemeTwice,
        Self::Quoted,
        Self::WhiteSpace,
        Self::Several,
        Self::Placeholder,
        Self::Incomplete,
        Self::Damaged,
        Self::NotAToken,
        Self::ApiKey,
        Self::Expired,
        Self::Invalid,
    ];

    /// The sentence for the client. It has no character that an `error_description` cannot hold (RFC 6750, section 3).
    pub fn detail(self) -> &'static str {
        match self {
            Self::Missing => {
                "No access token was sent; send one in the header 'Authorization: Bearer <token>'."
            }
            Self::InQuery => {
                "A token in the query string is ignored; send it in the header 'Authorization: Bearer <token>'."
            }
            Self::CrossSite => {
                "The session cookie is accepted only from Signpost's own pages; send an access token in the header \
                 'Authorization: Bearer <token>'."
            }
            Self::SessionExpired => "Your session has expired; sign in again.",
            Self::SessionInvalid => "Your session is invalid; sign in again.",
            Self::OtherScheme => {
                "The header 'Authorization' does not use the scheme 'Bearer'; send 'Authorization: Bearer <token>'."
            }
            Self::NoScheme => {
                "The header 'Authorization' has no scheme; put 'Bearer' and one space before the token."
            }
            Self::NoToken => {
                "The header 'Authorization' has no access token after 'Bearer'; send 'Authorization: Bearer <token>'."
            }
            Self::SchemeTwice => "The header 'Authorization' has 'Bearer' twice; send it once.",
            Self::Quoted => "The access token is in quotation marks or brackets; send it without them.",
            Self::WhiteSpace => {
                "There is white space in or around the access token; send 'Bearer', one space and the token."
            }
            Self::Several => {
                "The header 'Authorization' contains a comma; send the header once, with one access token."
            }
            Self::Placeholder => {
                "The header 'Authorization' contains a placeholder instead of an access token; check the client's \
                 configuration."
            }
            Self::Incomplete => {
                "The access token is truncated; send all three of its parts, separated by dots."
            }
            Self::Damaged => {
                "The first part of the access token cannot be decoded; send the token exactly as the provider issued it."
            }
            Self::NotAToken => {
                "This is not an access token; expected a signed JWT, which has three parts separated by dots."
            }
            Self::ApiKey => {
                "This looks like an API key, but not one of a user or an organization that is accepted here; send an \
                 access token. Never send the API key of a backend."
            }
            Self::Expired => "The access token has expired; get a new one.",
            Self::Invalid => "The access token is invalid or has expired.",
        }
    }

    /// The header `WWW-Authenticate`. A request without a bearer token, such as one with a cookie instead, gets no error code
    /// (RFC 6750, section 3.1).
    pub(super) fn challenge(self) -> String {
        match self {
            Self::Missing
            | Self::InQuery
            | Self::CrossSite
            | Self::SessionExpired
            | Self::SessionInvalid
            | Self::OtherScheme
            | Self::NoScheme
            | Self::NoToken => "Bearer".to_owned(),
            refused => {
                format!(r#"Bearer error="invalid_token", error_description="{}""#, refused.detail())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_sentence_of_its_own_that_a_challenge_can_hold() {
        for reason in Unauthenticated::ALL {
            let detail = reason.detail();
            let allowed = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
            assert!(detail.bytes().all(allowed), "{detail}");
            let same = Unauthenticated::ALL.iter().filter(|other| other.detail() == detail);
            assert_eq!(same.count(), 1, "{detail}");
        }
    }
}
