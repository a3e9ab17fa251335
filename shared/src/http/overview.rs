use super::ShortBase;
use super::clicks::{Count, Point, countries, devices, referrers};
use crate::model::{Birth, Day, Link, Slug, Title};
use crate::store::{Details, Overview, Total};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The clicks of all links of an organization, on the wire.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "Overview",
        description = "The clicks of all links of an organization: people's, and apart from them those of bots."
    )
)]
pub struct OverviewBody<'a> {
    /// The first day of the answer, in UTC: the requested one, or the oldest day whose counts are kept, or a later one if
    /// `complete` is false. Null if no requested day is kept.
    from: Option<Day>,
    /// The last day of the answer, in UTC: the requested one, but not after today. Null if no requested day is kept.
    to: Option<Day>,
    /// People's clicks from `from` to `to`, of links that were deleted too.
    clicks: u64,
    /// Bots' clicks from `from` to `to`, of links that were deleted too.
    bots: u64,
    /// The clicks from `from` to `to` by day, without gaps. Empty if no requested day is kept.
    series: Vec<Point>,
    /// The links with the most clicks by people from `from` to `to`, most first; a hundred at most.
    links: Vec<ClickedLink<'a>>,
    /// What is known of people's clicks of `links`, and of no other links.
    top: Kinds,
    /// Whether all requested days that are kept were counted. If there was too much to read, days are missing before `from`.
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
    /// The link's title. Null if it has none, or was deleted.
    title: Option<&'a Title>,
    /// People's clicks.
    clicks: u64,
    /// Bots' clicks.
    bots: u64,
    /// The link's identity.
    birth: Birth,
}

/// People's clicks by kind.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Kinds {
    /// The sites that people came from, by their clicks, most first: host names, `direct` if no site is known, and `other`
    /// for all further sites.
    referrers: Vec<Count>,
    /// The classes of people's devices, by their clicks, most first: `desktop`, `mobile`, `tablet`, `other`.
    devices: Vec<Count>,
    /// The countries of people (ISO 3166-1 alpha-2), by their clicks, most first. Unknown ones are left out.
    countries: Vec<Count>,
}

impl<'a> OverviewBody<'a> {
    /// Returns the body for an overview, the details of its links, and those of its links that exist. Their short URLs begin
    /// with `short_base`.
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
