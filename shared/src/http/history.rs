use crate::model::{
    Access, Birth, Change, DisplayName, Editor, Forward, LinkFields, OrgId, Record, RecordId, Slug, Tag,
    TargetUrl, Timestamp, Title, UserId,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// The JSON form of a record of the history.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "HistoryRecord", description = "A change of a link: who, what and when.")
)]
pub struct RecordBody<'a> {
    /// The record's id.
    id: &'a RecordId,
    /// What happened.
    change: Change,
    /// The time of the change.
    at: Timestamp,
    /// The id of the user who made the change.
    user_id: &'a UserId,
    /// The user's name at the time. Null if the provider gave no name, or if an operator removed the name later.
    user_name: Option<&'a DisplayName>,
    /// The id of the user who impersonated `user_id`, or null if no user did.
    impersonator: Option<&'a UserId>,
    /// The link.
    link: ChangedLink<'a>,
    /// The link's version after the change; for a delete, the version that was deleted.
    version: u64,
    /// The values before the change: all of the link's values for a delete, the changed values for an edit, and null
    /// for a create.
    before: Option<FieldsBody<'a>>,
    /// The values after the change: all of the link's values for a create, the changed values for an edit, and null
    /// for a delete.
    after: Option<FieldsBody<'a>>,
    /// The id of the record that this change undid; null if this change is not an undo.
    undoes: Option<&'a RecordId>,
    /// If this change was undone, the id of the record of that undo; otherwise null.
    undone_by: Option<&'a RecordId>,
    /// Whether you can undo the change, provided that the link has not changed since then.
    can_undo: bool,
}

/// The link that a record is about.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ChangedLink<'a> {
    /// The slug after the change; for a delete, the slug that the link had.
    id: &'a Slug,
    /// The permanent identity.
    birth: &'a Birth,
}

/// Some of the fields of a link, with the same names. Values that did not change are left out.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "LinkFields",
        description = "Some of the fields of a link, with the same names. Values that did not change are left out.",
        transform = crate::schema::all_optional
    )
)]
struct FieldsBody<'a> {
    /// The organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "OrgId"))]
    org_id: Option<&'a OrgId>,
    /// The slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Slug"))]
    id: Option<&'a Slug>,
    /// The permanent identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Birth"))]
    birth: Option<&'a Birth>,
    /// The destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "TargetUrl"))]
    url: Option<&'a TargetUrl>,
    /// The title; null if the link has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Title>"))]
    title: Option<Option<&'a Title>>,
    /// The tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Tag>"))]
    tags: Option<&'a BTreeSet<Tag>>,
    /// Who can follow the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Access"))]
    access: Option<Access>,
    /// What is forwarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Forward"))]
    forward: Option<Forward>,
    /// Whether the link is switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "bool"))]
    enabled: Option<bool>,
    /// The time at which the link stops redirecting; null if it never stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Timestamp>"))]
    expires_at: Option<Option<Timestamp>>,
    /// The id of the user who created the link, or of the user to whom the link was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "UserId"))]
    creator_user_id: Option<&'a UserId>,
    /// That user's name; null if it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<DisplayName>"))]
    creator_name: Option<Option<&'a DisplayName>>,
    /// The time at which the link was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Timestamp"))]
    created_at: Option<Timestamp>,
    /// The time of the last edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Timestamp"))]
    updated_at: Option<Timestamp>,
    /// The version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    version: Option<u64>,
    /// The earlier slugs that lead to the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Slug>"))]
    aliases: Option<&'a BTreeSet<Slug>>,
}

impl<'a> RecordBody<'a> {
    /// Creates the JSON form of a record of `org_id`, for a member who reads it at `now`.
    pub fn new(record: &'a Record, org_id: &'a OrgId, reader: &Editor, now: Timestamp) -> Self {
        let fields = |fields: &'a Option<LinkFields>| {
            fields.as_ref().map(|fields| FieldsBody {
                // Only a complete link has a `birth`.
                org_id: fields.birth.is_some().then_some(org_id),
                id: fields.id.as_ref(),
                birth: fields.birth.as_ref(),
                url: fields.url.as_ref(),
                title: fields.title.as_ref().map(Option::as_ref),
                tags: fields.tags.as_ref(),
                access: fields.access,
                forward: fields.forward,
                enabled: fields.enabled,
                expires_at: fields.expires_at,
                creator_user_id: fields.creator_user_id.as_ref(),
                creator_name: fields.creator_name.as_ref().map(Option::as_ref),
                created_at: fields.created_at,
                updated_at: fields.updated_at,
                version: fields.version,
                aliases: fields.aliases.as_ref(),
            })
        };
        Self {
            id: &record.id,
            change: record.change,
            at: record.id.at(),
            user_id: &record.actor.user_id,
            user_name: record.actor.name.as_ref(),
            impersonator: record.actor.impersonator.as_ref(),
            link: ChangedLink { id: &record.slug, birth: &record.birth },
            version: record.version,
            before: fields(&record.before),
            after: fields(&record.after),
            undoes: record.undoes.as_ref(),
            undone_by: record.undone_by.as_ref(),
            can_undo: record.can_be_undone_by(reader, now),
        }
    }
}

/// The JSON form of a page of the history.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "History", description = "A page of the history.")
)]
pub struct HistoryBody<'a> {
    /// The records, newest first.
    pub data: Vec<RecordBody<'a>>,
    /// The `cursor` of the next page; null on the last page.
    pub next_cursor: Option<String>,
}
