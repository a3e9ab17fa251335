/// The reason why a caller is not authenticated.
///
/// Most variants describe a request that is malformed, so they tell the client only what the client already knows. A
/// well-formed token is [`Expired`](Self::Expired) only if no other check failed; [`Invalid`](Self::Invalid) does not
/// say which check failed. An expired token in the session cookie is [`SessionExpired`](Self::SessionExpired), and any
/// other unaccepted token there is [`SessionInvalid`](Self::SessionInvalid).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unauthenticated {
    /// No token was sent.
    Missing,
    /// The token is in the query string. RFC 6750 (section 2.3) advises against tokens in URLs, because URLs
    /// are logged.
    InQuery,
    /// The session cookie was sent with a request that another site may have caused.
    CrossSite,
    /// The token in the session cookie was valid and has expired.
    SessionExpired,
    /// The session cookie does not contain a token that the issuer signed for this service.
    SessionInvalid,
    /// The header has a different scheme, such as `Basic`.
    OtherScheme,
    /// The header is a token without a scheme.
    NoScheme,
    /// Nothing follows the scheme.
    NoToken,
    /// The header contains the scheme twice.
    SchemeTwice,
    /// The token is in quotation marks or brackets.
    Quoted,
    /// There is white space before, in or after the token.
    WhiteSpace,
    /// The header contains a comma. API Gateway uses a comma to join two headers of the same name.
    Several,
    /// The token is a placeholder that a client did not replace, such as `undefined`.
    Placeholder,
    /// The token has fewer than three parts, or its signature is too short.
    Incomplete,
    /// The first part of the token, its header, cannot be decoded.
    Damaged,
    /// The token is not a signed JWT (RFC 7515).
    NotAToken,
    /// The token looks like an API key, but is not a valid one. All such keys get the same response, so that no
    /// response confirms that a key exists.
    ApiKey,
    /// The token was valid and has expired.
    Expired,
    /// The token is not valid for this service.
    Invalid,
}

impl Unauthenticated {
    /// All variants, for tests and documentation.
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

    /// Returns the sentence for the client. The sentence contains only characters that are allowed in
    /// `error_description` (RFC 6750, section 3).
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
                "This looks like an API key, but it is not a valid API key of a user or an organization; send an \
                 access token. Never send the API key of a backend."
            }
            Self::Expired => "The access token has expired; get a new one.",
            Self::Invalid => "The access token is invalid or has expired.",
        }
    }

    /// Returns the header `WWW-Authenticate`. A request without a bearer token, such as one with a cookie, gets no error
    /// code (RFC 6750, section 3.1).
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
