//! The body of API Gateway's own error responses, and examples of our bodies.

use schemars::JsonSchema;
use serde_json::{Value, json};
use shared::http::{
    ClicksBody, HistoryBody, ImportBody, LinkBody, NoteBody, Outcome, OverviewBody, RecordBody, RowBody,
    ShortBase, SummaryBody,
};
use shared::model::{
    Access, Actor, Change, Counts, Day, Device, Editor, Forward, Invalid, Link, LinkFields, Record, Tag,
    TargetRules, Timestamp,
};
use shared::store::{Details, Overview, Total};
use std::collections::BTreeMap;

/// An error response of API Gateway itself. It is not a problem document (RFC 9457).
#[derive(JsonSchema)]
#[schemars(extend("examples" = [{ "message": "…" }]))]
#[expect(dead_code, reason = "only its schema is used")]
pub struct GatewayMessage {
    /// A description of the error.
    message: String,
}

/// Returns an example of a link as the API sends it.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_link() -> Result<Value, Invalid> {
    let link = link()?;
    Ok(json!(LinkBody::new(&link, &short_base(&link))))
}

/// Returns an example of the beginning of an organization's short URLs.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_short_base() -> Result<String, Invalid> {
    Ok(short_base(&link()?).as_str().to_owned())
}

fn short_base(link: &Link) -> ShortBase {
    ShortBase::new(format!("https://go.example.com/{}", link.org_id))
}

/// Returns an example of a link's clicks as the API sends them.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_clicks() -> Result<Value, Invalid> {
    let counts = counts()?;
    let last = Day::from_timestamp(Timestamp::try_from(1_795_339_800_000)?);
    let total = Total { clicks: 1_794, bots: 118 };
    let days = BTreeMap::from([(last, counts)]);
    Ok(json!(ClicksBody::new(total, &days, Some(&(last.plus(-1)..=last)), false)))
}

/// Returns an example of an organization's clicks as the API sends them: clicks on one link and on a deleted link.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_overview() -> Result<Value, Invalid> {
    let link = link()?;
    let last = Day::from_timestamp(link.created_at);
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

/// Returns an example of a page of the history on the wire.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_history() -> Result<Value, Invalid> {
    let link = link()?;
    let actor =
        Actor { user_id: link.creator_user_id.clone(), name: link.creator_name.clone(), impersonator: None };
    let record = Record {
        id: "001795339860000-V1StGXR8_Z5jdHi6B-myT".parse()?,
        change: Change::Update,
        actor: actor.clone(),
        slug: link.id.clone(),
        birth: link.birth(),
        creator_user_id: link.creator_user_id.clone(),
        version: 2,
        before: Some(LinkFields { title: Some(link.title.clone()), ..LinkFields::default() }),
        after: Some(LinkFields { title: Some(None), ..LinkFields::default() }),
        undoes: None,
        undone_by: Some("001795339920000-b7Yx0pQ2mN4kL9sDa1B2c".parse()?),
    };
    let reader = Editor { actor, edits_all_links: false, manages_all_links: false };
    let data = vec![RecordBody::new(&record, &link.org_id, &reader, link.created_at)];
    Ok(json!(HistoryBody { data, next_cursor: None }))
}

/// Returns an example of an import as the API sends it: a new link, and a row whose slug is taken.
///
/// # Errors
/// The example breaks a rule of the model.
pub fn example_import() -> Result<Value, Invalid> {
    let link = link()?;
    let import: Tag = "imported-20261122-x4k2pq".parse()?;
    let folded = "The slug became lower case. The old address works in upper and lower case.";
    let created = RowBody {
        row: 2,
        result: Outcome::Created,
        source: Some("Launch".to_owned()),
        id: Some(link.id.clone()),
        url: link.url.as_str().to_owned(),
        title: link.title.as_ref().map(ToString::to_string),
        tags: vec![format!("{import}"), "print".to_owned(), "spring".to_owned()],
        access: link.access.as_str().to_owned(),
        forward: link.forward.as_str().to_owned(),
        enabled: true,
        expires_at: None,
        short_url: Some(short_base(&link).url_of(&link.id)),
        suggested_id: None,
        notes: vec![NoteBody { code: "slug_folded", detail: folded.to_owned(), id: None }],
        errors: Vec::new(),
    };
    let conflict = RowBody {
        row: 3,
        result: Outcome::Conflict,
        source: Some("wiki".to_owned()),
        id: Some("wiki".parse()?),
        url: "https://wiki.example.com/".to_owned(),
        title: None,
        tags: vec![format!("{import}")],
        short_url: None,
        suggested_id: Some("wiki-2".parse()?),
        notes: Vec::new(),
        ..created.clone()
    };
    let results = vec![created, conflict];
    let summary = SummaryBody::new(&results);
    let import = Some(import);
    Ok(json!(ImportBody {
        format: "plain",
        import,
        dry_run: false,
        rows: 2,
        ignored: vec!["Notes".to_owned()],
        results,
        summary,
        next: None,
    }))
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
        forward: Forward::None,
        enabled: true,
        expires_at: Some(Timestamp::try_from(1_798_761_600_000)?),
        creator_user_id: "0f3f5a0e-0003-4000-8000-000000000003".parse()?,
        creator_name: Some("Maya Rao".parse()?),
        is_handed_over: false,
        created_at,
        updated_at: created_at,
        version: 1,
        aliases: ["flyer".parse()?].into(),
    })
}
