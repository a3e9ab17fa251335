//! With a condition that admits everyone or no one, the functions do not start, but print an error message.

use super::{Auth, COMPANY, WORKSPACE, start};

#[test]
fn a_description_that_admits_everyone_or_no_one_stops_the_start_with_an_error_message() {
    let cases: Vec<(&Auth<'_>, &str)> = vec![
        (&[("AUTH_ORGANIZATION", "")], "AUTH_ORGANIZATION is missing"),
        (
            &[("AUTH_ORGANIZATION_IF", "")],
            "AUTH_ORGANIZATION_IF is missing; without a condition, everyone who",
        ),
        (&[("AUTH_ORGANIZATION", "Acme Inc.")], "AUTH_ORGANIZATION is not an organization id"),
        (&[("AUTH_ORGANIZATION", "=Acme")], "AUTH_ORGANIZATION is not an organization id"),
        (&[("AUTH_ORGANIZATION", "acme=")], "AUTH_ORGANIZATION has an empty name"),
        (&[("AUTH_AUDIENCE", "")], "AUTH_AUDIENCE is missing, and so is SIGN_IN_CLIENT_ID"),
        (&[("AUTH_TOKEN", "access")], "AUTH_TOKEN is 'access', but Google's access tokens are opaque"),
        (&[("AUTH_TOKEN", "ID")], "AUTH_TOKEN must be 'access' or 'id'"),
        (&[("AUTH_ISSUER", "accounts.google.com")], "AUTH_ISSUER is not Google's"),
        (&[("AUTH_CLAIMS", "{}")], "AUTH_CLAIMS is only for the AUTH_PROVIDER 'custom'"),
    ];
    for (auth, sentence) in cases {
        let refused = start(&[&WORKSPACE, auth]).unwrap_err();
        assert!(refused.starts_with(&format!("the setting {sentence}")), "{auth:?}: {refused}");
    }
    const ORGANIZATIONS: &str = r#"{"user":["sub"],"organizations":[{"kind":"one","at":["o"],"id":["id"]}]}"#;
    const REQUIRED: &str = r#"{"user":["sub"],"require":[{"at":["unit"],"is":"eu"}]}"#;
    let fixed = [("AUTH_ORGANIZATION", "acme"), ("AUTH_ORGANIZATION_IF", "groups=x")];
    let cases: Vec<(&Auth<'_>, &str)> = vec![
        (&[("AUTH_CLAIMS", ORGANIZATIONS)], "AUTH_ORGANIZATION is set, but AUTH_CLAIMS says where"),
        (&[("AUTH_ORGANIZATION", ""), ("AUTH_ADMINS", "")], "AUTH_CLAIMS is missing"),
        (
            &[("AUTH_CLAIMS", REQUIRED), ("AUTH_ORGANIZATION", "")],
            "AUTH_CLAIMS is invalid: organizations is empty",
        ),
        (
            &[("AUTH_CLAIMS", ORGANIZATIONS), ("AUTH_ORGANIZATION", "")],
            "AUTH_ORGANIZATION_IF is set, but AUTH_ORGANIZATION is not",
        ),
        (
            &[("AUTH_CLAIMS", ORGANIZATIONS), ("AUTH_ORGANIZATION", ""), ("AUTH_ORGANIZATION_IF", "")],
            "AUTH_ADMINS is set, but AUTH_ORGANIZATION is not",
        ),
        (&[("AUTH_TOKEN", ""), ("AUTH_AUDIENCE", "")], "AUTH_AUDIENCE is missing; with AUTH_ORGANIZATION"),
        (
            &[("AUTH_CLAIMS", REQUIRED), ("AUTH_ORGANIZATION_IF", "groups=x,unit=us")],
            "AUTH_ORGANIZATION_IF is invalid: condition 2 can never be met together with require[0]",
        ),
        (
            &[("AUTH_CLAIMS", REQUIRED), ("AUTH_ADMINS", "/unit/x=us")],
            "AUTH_ADMINS is invalid: condition 1 can never be met together with require[0]",
        ),
        (
            &[("AUTH_CLAIMS", REQUIRED), ("AUTH_ORGANIZATION_IF", "unit=eu")],
            "AUTH_ORGANIZATION_IF is invalid: condition 1 is met by every token",
        ),
        (
            &[("AUTH_ORGANIZATION_IF", "/sub/x=y")],
            "AUTH_ORGANIZATION_IF is invalid: condition 1 is inside the user id",
        ),
        (&[("AUTH_CLAIMS", r#"{"user":["exp"]}"#)], "AUTH_CLAIMS is invalid: user reads exp"),
    ];
    for (auth, sentence) in cases {
        let refused = start(&[&COMPANY, auth]).unwrap_err();
        assert!(refused.starts_with(&format!("the setting {sentence}")), "{auth:?}: {refused}");
    }
    let only = "AUTH_ORGANIZATION is only for the AUTH_PROVIDERs 'google' and 'custom'";
    for provider in ["propelauth", "auth0", "cognito", "keycloak"] {
        let refused = start(&[&fixed, &[("AUTH_PROVIDER", provider)]]).unwrap_err();
        assert!(refused.starts_with(&format!("the setting {only}")), "{provider}: {refused}");
    }
    let propelauth = start(&[&[("AUTH_TOKEN", "id"), ("AUTH_AUDIENCE", "x")]]).unwrap_err();
    assert!(
        propelauth.starts_with("the setting AUTH_TOKEN is 'id', but PropelAuth's ID tokens"),
        "{propelauth}"
    );
    let cognito = [("AUTH_PROVIDER", "cognito"), ("AUTH_TOKEN", "id")];
    assert!(start(&[&cognito]).unwrap_err().starts_with("the setting AUTH_AUDIENCE is missing, and so is"));
}

#[test]
fn a_condition_that_does_not_separate_members_from_others_is_refused() {
    let public = "is met by everyone with an address at a public mail provider";
    let (shared, varying) = (
        "reads a claim that is the same for all users",
        "reads a claim that is a number or is different in every token",
    );
    let writable = "reads a claim that users can change";
    let cases = [
        ("*", "is neither claim=value nor an e-mail address"),
        ("hd", "is neither claim=value nor an e-mail address"),
        (",", "is neither claim=value nor an e-mail address"),
        ("=x", "contains no claim name"),
        ("/=x", "contains a JSON Pointer with an empty name"),
        ("/groups/=x", "contains a JSON Pointer with an empty name"),
        ("hd=", "has no value"),
        ("groups= ", "has no value"),
        ("email=", "has no value"),
        ("hd=*", "contains '*'"),
        ("groups=*", "contains '*'"),
        ("groups=staff*", "contains '*'"),
        ("hd=Example.com", "is not a Workspace domain"),
        ("hd=example", "is not a Workspace domain"),
        ("hd=@example.com", "is not a Workspace domain"),
        ("hd=gmail.com", "contains a public mail provider's domain"),
        ("email=*", "is not an e-mail address"),
        ("email=*@*", "is not an e-mail address"),
        ("email=*@com", "is not an e-mail address"),
        ("email=*@*.com", "is not an e-mail address"),
        ("email=*.com", "is not an e-mail address"),
        ("email=a*@example.com", "is not an e-mail address"),
        ("email=a@b@example.com", "is not an e-mail address"),
        ("*@gmail.com", public),
        ("email=*@GMAIL.com", public),
        ("/email=*@outlook.com", public),
        ("*@hotmail.co.uk", public),
        ("*@yahoo.com", public),
        ("*@icloud.com", public),
        ("iss=https://accounts.google.com", shared),
        ("aud=x", shared),
        ("azp=x", shared),
        ("/aud/x=y", shared),
        ("email_verified=true", shared),
        ("scope=openid", shared),
        ("cid=0oa1b2c3", shared),
        ("appid=6731de76-14a6-49ae-97bc-6eba6914391e", shared),
        ("exp=1", varying),
        ("nonce=n-1", varying),
        ("preferred_username=bob@example.com", writable),
        ("upn=bob@example.com", writable),
        ("name=Bob", writable),
        ("zoneinfo=Europe/Berlin", writable),
        ("birthdate=1990-01-01", writable),
        ("/user/gender=female", writable),
        ("/user/name=Bob", writable),
        ("/user/email=bob@example.com", "reads an address that is not verified"),
        ("email_domain=example.com", "reads an address that is not verified"),
        ("tid=9188040d-6c67-4c5b-b112-36a304b66dad", "is met by every personal Microsoft account"),
    ];
    for (condition, rule) in cases {
        for base in [&WORKSPACE, &COMPANY] {
            for name in ["AUTH_ORGANIZATION_IF", "AUTH_ADMINS"] {
                let refused = start(&[base, &[(name, condition)]]).unwrap_err();
                let sentence = format!("the setting {name} is invalid: condition 1 {rule}");
                assert!(refused.starts_with(&sentence), "{condition}: {refused}");
            }
        }
        // The condition is also rejected as the second one, because a user needs to meet only one of the two.
        let both = format!("groups=staff,{condition}");
        let refused = start(&[&COMPANY, &[("AUTH_ORGANIZATION_IF", both.as_str())]]).unwrap_err();
        assert!(
            refused.starts_with("the setting AUTH_ORGANIZATION_IF is invalid: condition 2 "),
            "{refused}"
        );
    }
}
