//! Request and response bodies for which `shared` has no type, because they are read member by member.

use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use shared::http::{ClicksBody, LinkBody, OverviewBody, ShortBase};
use shared::model::{
    Access, Counts, Day, Device, Handle, Invalid, Link, Slug, Tag, TargetRules, TargetUrl, Timestamp, Title,
};
use shared::store::{Details, Overview, Total};
use std::collections::BTreeMap;

/// The link to create.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["url"]))]
#[expect(dead_code, reason = "only its schema is used")]
pub struct NewLink {
    /// The destination: an absolute http or https URL of at most 2,048 bytes after normalization, without a user name or
    /// password. It must not lead to Signpost itself or, unless the operator allows it, to a private address or a private
    /// network's name. White space around it is trimmed.
    url: TargetUrl,
    /// The slug: 1 to 64 letters, digits, `_` or `-`, beginning with a letter or digit. Upper case becomes lower case.
    /// `link` is reserved. Without it, a random slug is generated.
    id: Slug,
    /// The link's title, for the team. At least one character must be visible.
    title: Option<Title>,
    /// The link's tags. Upper case becomes lower case, and duplicates are removed.
    #[schemars(length(max = 10))]
    tags: Option<Vec<Tag>>,
    /// Who can follow the link.
    #[schemars(extend("default" = Access::Public))]
    access: Access,
    /// Whether the link is switched on. A link that is switched off does not redirect.
    #[schemars(extend("default" = true))]
    enabled: bool,
    /// When the link stops redirecting: a time in the future, with any offset from UTC. Fractions of a second are dropped.
    expires_at: Option<Timestamp>,
}

/// The fields to change. Fields that are not sent stay unchanged; null clears a field.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = all_optional)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct LinkEdit {
    /// The new destination. The rules are those of a new link.
    url: TargetUrl,
    /// The link's title; null removes it.
    title: Option<Title>,
    /// The link's tags, which replace the existing ones; null removes all.
    #[schemars(length(max = 10))]
    tags: Option<Vec<Tag>>,
    /// Who can follow the link.
    access: Access,
    /// Whether the link is switched on. A link that is switched off does not redirect.
    enabled: bool,
    /// When the link stops redirecting: a time in the future, with any offset from UTC; null for never. Fractions of a
    /// second are dropped. The link's current expiry is accepted even if it has passed.
    expires_at: Option<Timestamp>,
}

/// The handle to add to the organization.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct NewHandle {
    /// 1 to 40 letters, digits and hyphens, not beginning or ending with a hyphen. Upper case becomes lower case.
    handle: Handle,
}

/// An organization's handles.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct Handles {
    /// The current handle, which short URLs use; null if the organization has none.
    handle: Option<Handle>,
    /// All handles of the organization, newest first. Short URLs with any of them work.
    #[schemars(length(max = 5))]
    handles: Vec<Handle>,
}

/// Who is signed in.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct Session {
    /// The user's id at the sign-in provider.
    user_id: String,
    /// The user's name, if the provider gives one.
    name: Option<String>,
    /// The organizations that the user belongs to.
    organizations: Vec<SessionOrganization>,
    /// When the session expires; null for an API key.
    expires_at: Option<Timestamp>,
}

/// An organization that the user belongs to.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct SessionOrganization {
    /// The organization's id, as in the paths of the API.
    id: String,
    /// Its name, if the provider gives one.
    name: Option<String>,
    /// The user's role in it, if the provider names one.
    role: Option<String>,
    /// Whether the user can change links that other members created.
    manages_all_links: bool,
}

/// An error response of API Gateway itself. It is not a problem document (RFC 9457).
#[derive(JsonSchema)]
#[schemars(extend("examples" = [{ "message": "…" }]))]
#[expect(dead_code, reason = "only its schema is used")]
pub struct GatewayMessage {
    /// A description of the error.
    message: String,
}

fn all_optional(schema: &mut Schema) {
    schema.remove("required");
}

/// Returns an example of a link on the wire.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_link() -> Result<Value, Invalid> {
    let link = link()?;
    Ok(json!(LinkBody::new(&link, &short_base(&link))))
}

/// Returns an example of what an organization's short URLs begin with.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_short_base() -> Result<String, Invalid> {
    Ok(short_base(&link()?).as_str().to_owned())
}

fn short_base(link: &Link) -> ShortBase {
    ShortBase::new(format!("https://go.example.com/{}", link.org_id))
}

/// Returns an example of a link's clicks on the wire.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_clicks() -> Result<Value, Invalid> {
    let counts = counts()?;
    let last = Day::of(Timestamp::try_from(1_795_339_800_000)?);
    let total = Total { clicks: 1_794, bots: 118 };
    let days = BTreeMap::from([(last, counts)]);
    Ok(json!(ClicksBody::new(total, &days, Some(&(last.plus(-1)..=last)), false)))
}

/// Returns an example of an organization's clicks on the wire: those of a link, and of one that was deleted.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_overview() -> Result<Value, Invalid> {
    let link = link()?;
    let last = Day::of(link.created_at);
    let clicks = [
        (link.birth(), Total { clicks: 40, bots: 2 }),
        ("b7Yx0pQ2mN4kL9sD".parse()?, Total { clicks: 7, bots: 0 }),
    ];
    let overview = Overview {
        range: Some(last.plus(-1)..=last),
        is_cut: false,
        days: [(last, Total { clicks: 47, bots: 2 })].into(),
        links: clicks.into(),
    };
    let devices = [(Device::Mobile, 27), (Device::Desktop, 20)].into();
    let counts = Counts { clicks: 47, bots: 2, devices, ..counts()? };
    let details = Details { counts, ..Details::default() };
    let links = [link];
    let [link] = &links;
    Ok(json!(OverviewBody::new(overview, &details, &links, &short_base(link))))
}

fn counts() -> Result<Counts, Invalid> {
    Ok(Counts {
        clicks: 40,
        bots: 2,
        hours: [(9, 29), (21, 11)].into(),
        bot_hours: [(9, 1), (21, 1)].into(),
        devices: [(Device::Mobile, 25), (Device::Desktop, 15)].into(),
        countries: [("DE".parse()?, 20), ("FR".parse()?, 9)].into(),
        referrers: [("news.example".parse()?, 17)].into(),
        other_referrers: 0,
    })
}

fn link() -> Result<Link, Invalid> {
    let created_at = Timestamp::try_from(1_795_339_800_000)?;
    Ok(Link {
        org_id: "1189c444-8a2d-4c41-8b4b-ae43ce79a492".parse()?,
        id: "launch".parse()?,
        stored_birth: Some("V1StGXR8_Z5jdHi6".parse()?),
        url: TargetRules::default().parse("https://example.com/launch?from=flyer", &[])?,
        title: Some("The flyer for the launch".parse()?),
        tags: ["print".parse()?, "spring".parse()?].into(),
        access: Access::Public,
        enabled: true,
        expires_at: Some(Timestamp::try_from(1_798_761_600_000)?),
        creator_user_id: "0f3f5a0e-0003-4000-8000-000000000003".parse()?,
        creator_name: Some("Maya Rao".parse()?),
        created_at,
        updated_at: created_at,
        version: 1,
    })
}
