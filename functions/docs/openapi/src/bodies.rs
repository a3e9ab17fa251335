//! What clients send and get, where no type of `shared` says it: those read member by member have none.

use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use shared::http::{ClicksBody, LinkBody, OverviewBody, ShortBase};
use shared::model::{
    Access, Counts, Day, Device, Handle, Invalid, Link, Slug, Tag, TargetRules, TargetUrl, Timestamp, Title,
};
use shared::store::{Details, Overview, Total};
use std::collections::BTreeMap;

/// A link to be made.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["url"]))]
#[expect(dead_code, reason = "only its schema is used")]
pub struct NewLink {
    /// Where the link shall lead: an absolute URL, at most 2,048 bytes once normalised, without user name and
    /// password. It leads neither to Signpost itself nor, unless the operator allows it, to a private address or a name that
    /// only a private network knows. White space around it is cut.
    url: TargetUrl,
    /// The slug, 1 to 64 letters, digits, `_` or `-`, the first a letter or digit; upper case folds to lower, and `link` is reserved. Without it,
    /// one is drawn at random.
    id: Slug,
    /// What the team calls the link. At least one character of it can be seen.
    title: Option<Title>,
    /// The words to file the link under. Upper case folds to lower, and what is there twice counts once.
    #[schemars(length(max = 10))]
    tags: Option<Vec<Tag>>,
    /// Who may follow the link.
    #[schemars(extend("default" = Access::Public))]
    access: Access,
    /// Whether the link redirects at all.
    #[schemars(extend("default" = true))]
    enabled: bool,
    /// When the link stops redirecting: a time to come, with any offset from UTC. Fractions of a second are cut.
    expires_at: Option<Timestamp>,
}

/// What to change of a link. What is not sent stays as it is; null clears.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = all_optional)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct LinkEdit {
    /// Where the link shall lead. The rules are those of a new link.
    url: TargetUrl,
    /// What the team calls the link; null for nothing.
    title: Option<Title>,
    /// All the words to file the link under, in place of those it has; null for none.
    #[schemars(length(max = 10))]
    tags: Option<Vec<Tag>>,
    /// Who may follow the link.
    access: Access,
    /// Whether the link redirects at all.
    enabled: bool,
    /// When the link stops redirecting: a time to come, with any offset from UTC; null for never. Fractions of a
    /// second are cut. The link's own expiry may be sent back even if that time has passed.
    expires_at: Option<Timestamp>,
}

/// The handle that an organization shall have.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct NewHandle {
    /// 1 to 40 letters, digits and hyphens, with no hyphen at either end. Upper case folds to lower.
    handle: Handle,
}

/// An organization's handles.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct Handles {
    /// The newest one, which short URLs show; null where there is none.
    handle: Option<Handle>,
    /// Every one the organization has, all of which lead to its links.
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
    /// When the session ends; null for an API key.
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
    /// Whether the user can change links that others made.
    manages_all_links: bool,
}

/// What API Gateway answers by itself. It is no problem in the sense of RFC 9457.
#[derive(JsonSchema)]
#[schemars(extend("examples" = [{ "message": "…" }]))]
#[expect(dead_code, reason = "only its schema is used")]
pub struct GatewayMessage {
    /// What is wrong, in API Gateway's words.
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
