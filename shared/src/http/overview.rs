use super::ShortBase;
use super::clicks::{Count, Point, countries, devices, referrers};
use crate::model::{Birth, Day, Link, Slug, Title};
use crate::store::{Details, Overview, Total};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The clicks on all links of an organization, in JSON form.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "Overview",
        description = "The clicks on all links of an organization. People's and bots' clicks are counted separately."
    )
)]
pub struct OverviewBody<'a> {
    /// The first day in this response, in UTC: the requested day or the oldest day whose counts are still kept,
    /// whichever is later. If `complete` is false, `from` is later than both the requested day and the oldest kept
    /// day. Null if no counts are kept for any of the requested days.
    from: Option<Day>,
    /// The last day in this response, in UTC: the requested day or today, whichever is earlier. Null if no counts are
    /// kept for any of the requested days.
    to: Option<Day>,
    /// People's clicks from `from` to `to`, including clicks on links that have since been deleted.
    clicks: u64,
    /// Bots' clicks from `from` to `to`, including clicks on links that have since been deleted.
    bots: u64,
    /// The clicks of each day from `from` to `to`, including days without clicks. Empty if no counts are kept for any
    /// of the requested days.
    series: Vec<Point>,
    /// The links with the most clicks by people from `from` to `to`, most first; at most a hundred links.
    links: Vec<ClickedLink<'a>>,
    /// People's clicks by referrer, device and country. Only clicks on the links in `links` are counted.
    top: Kinds,
    /// Whether the response includes every requested day whose counts are still kept. False if there was too much to
    /// read; the response then lacks the requested days before `from`.
    complete: bool,
}

/// A link and its clicks.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ClickedLink<'a> {
    /// The link's slug. Null if the link was deleted.
    id: Option<&'a Slug>,
    /// The link's short URL. Null if the link was deleted.
    short_url: Option<String>,
    /// The link's title. Null if the link has no title or was deleted.
    title: Option<&'a Title>,
    /// People's clicks.
    clicks: u64,
    /// Bots' clicks.
    bots: u64,
    /// The link's permanent identity.
    birth: Birth,
}

/// People's clicks by kind.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Kinds {
    /// The sites that people came from, sorted by their clicks, most first. Each site is a host name; `direct` counts
    /// clicks without a known site, and `other` counts all remaining sites.
    referrers: Vec<Count>,
    /// The classes of people's devices, sorted by clicks, most first: `desktop`, `mobile`, `tablet` or `other`.
    devices: Vec<Count>,
    /// The countries of people (ISO 3166-1 alpha-2), sorted by clicks, most first. Unknown countries are left out.
    countries: Vec<Count>,
}

impl<'a> OverviewBody<'a> {
    /// Returns the body for an overview. `details` describes the clicks on the overview's links. Of these links,
    /// `links` contains the ones that still exist; their short URLs begin with `short_base`.
    pub fn new(overview: Overview, details: &Details, links: &'a [Link], short_base: &ShortBase) -> Self {
        let Overview { range, is_cut, days, links: clicked } = overview;
        let mut sum = Total::default();
        days.values().for_each(|total| sum.merge(*total));
        let links: HashMap<Birth, &Link> = links.iter().map(|link| (link.birth(), link)).collect();
        let clicked = clicked.into_iter().map(|(birth, total)| {
            let link = links.get(&birth).copied();
            ClickedLink {
                id: link.map(|link| &link.id),
                short_url: link.map(|link| short_base.url_of(&link.id)),
                title: link.and_then(|link| link.title.as_ref()),
                clicks: total.clicks,
                bots: total.bots,
                birth,
            }
        });
        Self {
            from: range.as_ref().map(|range| *range.start()),
            to: range.as_ref().map(|range| *range.end()),
            clicks: sum.clicks,
            bots: sum.bots,
            series: range.iter().flat_map(Day::all_of).map(|day| point(day, &days)).collect(),
            links: clicked.collect(),
            top: Kinds {
                referrers: referrers(&details.counts, details.direct),
                devices: devices(&details.counts),
                countries: countries(&details.counts),
            },
            complete: !is_cut,
        }
    }
}

fn point(day: Day, days: &BTreeMap<Day, Total>) -> Point {
    let Total { clicks, bots } = days.get(&day).copied().unwrap_or_default();
    Point { at: day.to_string(), clicks, bots }
}
