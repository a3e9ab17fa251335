//! Decides, without the store, whether a row would become a link. Adds notes about how the link would differ from the
//! file, or the reason why there would be no link.

mod note;
mod slug;
mod tags;

pub use note::Note;

use crate::file::{Expiry, Row};
use crate::options::{Disabled, Options};
use shared::http::{RowFault, ShortUrls};
use shared::model::{
    Access, Forward, Invalid, OrgId, OwnHost, Slug, SlugPrefix, Tag, TargetRules, TargetUrl, Timestamp, Title,
};
use slug::Proposal;
use std::collections::BTreeSet;

/// The maximum number of a row's tags. The tenth tag of a link is the import's.
const MAX_TAGS: usize = 9;

/// The rules for the links of an import.
#[derive(Debug)]
pub struct Rules<'a> {
    /// The organization.
    pub org: &'a OrgId,
    /// The rules for destinations.
    pub targets: &'a TargetRules,
    /// The hosts to which no link may lead.
    pub own_hosts: &'a [OwnHost],
    /// The rules for slugs.
    pub short_urls: &'a ShortUrls,
    /// The caller's wishes.
    pub options: &'a Options,
    /// The tag of the import; `None` in a dry run of a new import.
    pub import: Option<&'a Tag>,
    /// The current time.
    pub now: Timestamp,
}

/// What a row would become.
#[derive(Debug)]
pub enum Plan {
    /// A link.
    Link(PlannedLink),
    /// Nothing, because the row has expired. Contains the link that the row would have become.
    Skipped(PlannedLink),
    /// Nothing, because the row breaks these rules.
    Refused(Vec<RowFault>),
}

/// The link that a row would become.
#[derive(Debug)]
pub struct PlannedLink {
    /// The slug; `None` if the link gets a random one.
    pub slug: Option<Slug>,
    /// The destination.
    pub url: TargetUrl,
    /// The title.
    pub title: Option<Title>,
    /// The tags, including those of the import.
    pub tags: BTreeSet<Tag>,
    /// Who can follow it.
    pub access: Access,
    /// What it forwards.
    pub forward: Forward,
    /// Whether it is switched on.
    pub enabled: bool,
    /// When it stops redirecting.
    pub expires_at: Option<Timestamp>,
    /// What is different from the file.
    pub notes: Vec<Note>,
}

impl Rules<'_> {
    /// Returns what a row would become if its slug is free.
    pub fn plan(&self, row: &Row) -> Plan {
        if let Some(Invalid { code, message }) = &row.refused {
            return Plan::Refused(vec![RowFault { code, field: None, detail: message.clone() }]);
        }
        let mut faults = Vec::new();
        let mut notes = Vec::new();
        let mut report = |field, Invalid { code, message }| {
            faults.push(RowFault { code, field: Some(field), detail: message });
        };
        let url = self.targets.parse(&row.url, self.own_hosts);
        let url = url.map_err(|invalid| report("url", invalid)).ok();
        let access = word(row.access.as_deref(), Access::Public, Access::from_word)
            .ok_or_else(|| Invalid::new("invalid_access", "access must be 'public' or 'members'"));
        let access = access.map_err(|invalid| report("access", invalid)).ok();
        let forward = word(row.forward.as_deref(), Forward::None, Forward::from_word)
            .ok_or_else(|| Invalid::new("invalid_forward", "forward must be 'none', 'query' or 'path'"));
        let forward = forward.map_err(|invalid| report("forward", invalid)).ok();
        let expires_at = match &row.expires_at {
            None => None,
            Some(Expiry::At(at)) => Some(at.whole_second()),
            Some(Expiry::Invalid(_)) => {
                report("expires_at", Invalid::new("invalid_time", "this is not a time that can be read"));
                None
            }
        };
        let (Some(url), Some(access), Some(forward), true) = (url, access, forward, faults.is_empty()) else {
            return Plan::Refused(faults);
        };

        let slug = self.slug(row, &mut notes);
        let title = title(row.title.as_deref(), &mut notes);
        let tags = self.tags(row, &mut notes);
        let expired = expires_at.filter(|expires_at| *expires_at <= self.now);
        notes.extend(expired.map(Note::Expired));
        // DynamoDB would soon delete a link whose expiry is long past, so an expired link is imported without its
        // expiry.
        let (enabled, expires_at) = match expired {
            Some(_) if self.options.disabled == Disabled::Keep => (false, None),
            _ => (row.enabled, expires_at),
        };
        if !enabled {
            notes.push(Note::SwitchedOff);
        }
        let link = PlannedLink { slug, url, title, tags, access, forward, enabled, expires_at, notes };
        if expired.is_some() && self.options.disabled == Disabled::Skip {
            Plan::Skipped(link)
        } else {
            Plan::Link(link)
        }
    }

    fn slug(&self, row: &Row, notes: &mut Vec<Note>) -> Option<Slug> {
        let Some(text) = trimmed(row.slug.as_deref()) else {
            notes.extend(row.source.is_some().then_some(Note::SlugDrawn));
            return None;
        };
        let prefix = self.options.prefix.as_ref().map_or("", SlugPrefix::as_str);
        match slug::propose(text, prefix, |text| self.short_urls.chosen_slug(self.org, text)) {
            Proposal::Same(slug) => {
                // A row that a dry run returned contains the proposed slug; its `source_id` is the old slug.
                match row.source.as_deref() {
                    Some(source) if source == slug.as_str() => {}
                    Some(source) if source.eq_ignore_ascii_case(slug.as_str()) => {
                        notes.push(Note::SlugFolded)
                    }
                    Some(_) => notes.push(Note::SlugChanged(slug.clone())),
                    None => {}
                }
                Some(slug)
            }
            Proposal::Folded(slug) => {
                notes.push(Note::SlugFolded);
                Some(slug)
            }
            Proposal::Changed(slug) => {
                notes.push(Note::SlugChanged(slug.clone()));
                Some(slug)
            }
            Proposal::None => {
                notes.push(Note::SlugDrawn);
                None
            }
        }
    }

    fn tags(&self, row: &Row, notes: &mut Vec<Note>) -> BTreeSet<Tag> {
        let max = MAX_TAGS - usize::from(self.options.tag.is_some());
        // An exported file contains the tags of earlier imports. They do not apply to this import.
        let is_of_import = |tag: &String| Tag::try_from(tag.clone()).is_ok_and(|tag| tag.is_of_import());
        let found: Vec<String> = row.tags.iter().filter(|tag| !is_of_import(tag)).cloned().collect();
        let mut tags = tags::folded(&found, max, notes);
        tags.extend(self.options.tag.clone());
        tags.extend(self.import.cloned());
        tags
    }
}

impl Row {
    /// Returns the slug in the other link shortener, if the file contains that slug.
    pub fn source(&self) -> Option<&str> {
        trimmed(self.source.as_deref()).or_else(|| trimmed(self.slug.as_deref()))
    }
}

fn trimmed(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Returns the value that a word stands for, ignoring case. A missing or empty word stands for the default.
fn word<T>(text: Option<&str>, default: T, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    match text.map(str::trim) {
        None | Some("") => Some(default),
        Some(text) => parse(&text.to_lowercase()),
    }
}

/// Returns a row's title, cleaned. Adds a note if the title was truncated, or if nothing was left of it.
fn title(text: Option<&str>, notes: &mut Vec<Note>) -> Option<Title> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    let Some((title, is_truncated)) = Title::cleaned(text) else {
        notes.push(Note::TitleDropped);
        return None;
    };
    if is_truncated {
        notes.push(Note::TitleCut);
    }
    Some(title)
}
