//! A month of invented clicks on an organization's links: the items that count the clicks, and the overview that must
//! result. The last day and the number of links determine all clicks.

use crate::Error;
use crate::event::ORG;
use crate::seed::{birth, slug};
use dynoxide::Item;
use serde_json::{Map, Value, json};
use shared::model::Day;

/// The number of days.
pub const DAYS: i64 = 31;
/// The number of busy links: they get clicks all day, from everywhere, on every instance. The other links get
/// clicks in four hours of a day, on one instance.
const BUSY: u64 = 100;
/// The number of shards over which a link's clicks of one day are spread.
const SHARDS: u64 = 8;
/// The maximum number of links in an overview.
const MAX_NAMED: usize = 100;

/// Clicks by people and by bots.
type Sum = (u64, u64);

/// The clicks on a number of links in one month.
#[derive(Clone, Copy)]
pub struct Traffic {
    pub links: u64,
    pub last: Day,
}

impl Traffic {
    /// Returns the days in order.
    pub fn days(self) -> impl Iterator<Item = Day> {
        (1 - DAYS..=0).map(move |days| self.last.plus(days))
    }

    /// Returns the items of one day: the counts of the links, and those of their referrers.
    pub fn items(self, day: Day) -> Result<Vec<Item>, Error> {
        let of_link = move |link| shards(link, day).flat_map(move |shard| items(link, day, shard));
        (0..self.links).flat_map(of_link).map(|item| Ok(serde_json::from_value(item)?)).collect()
    }

    /// Checks an overview that begins with the day `from`.
    ///
    /// # Errors
    /// A sum, a point of the series, or one of the hundred links is wrong.
    pub fn check(self, body: &Value, from: Day) -> Result<(), Error> {
        let days: Vec<Day> = self.days().filter(|day| *day >= from).collect();
        let series = days.iter().map(|day| {
            let (clicks, bots) = total((0..self.links).map(|link| of_day(link, *day)));
            json!({ "at": day, "clicks": clicks, "bots": bots })
        });
        let of_link = |link| total(days.iter().map(|day| of_day(link, *day)));
        let mut links: Vec<(u64, Sum)> = (0..self.links).map(|link| (link, of_link(link))).collect();
        let (clicks, bots) = total(links.iter().map(|(_, sum)| *sum));
        // Births sort in the same order as the numbers of their links.
        links.sort_by_key(|(link, (clicks, bots))| (u64::MAX - clicks, u64::MAX - bots, *link));
        let top = links.iter().take(MAX_NAMED).map(|(link, (clicks, bots))| {
            json!({ "id": slug(*link), "birth": birth(*link), "clicks": clicks, "bots": bots })
        });
        let expected = json!({
            "clicks": clicks, "bots": bots, "series": series.collect::<Vec<_>>(), "links": top.collect::<Vec<_>>(),
        });
        let mut shown = only(body, &["clicks", "bots", "series", "links"]);
        for link in shown.get_mut("links").and_then(Value::as_array_mut).into_iter().flatten() {
            *link = only(link, &["id", "birth", "clicks", "bots"]);
        }
        if shown == expected {
            Ok(())
        } else {
            Err("the overview's sums or links differ from the model".into())
        }
    }
}

fn only(object: &Value, names: &[&str]) -> Value {
    let member = |name: &&str| ((*name).to_owned(), object.get(*name).cloned().unwrap_or_default());
    names.iter().map(member).collect::<Map<_, _>>().into()
}

fn total(sums: impl Iterator<Item = Sum>) -> Sum {
    sums.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
}

/// Returns a number that looks random, but is always the same for the same arguments.
fn mixed(link: u64, day: Day, shard: u64) -> u64 {
    let seed = link * 1_000_003 + day.first_second().unsigned_abs() * 31 + shard;
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
}

fn shards(link: u64, day: Day) -> std::ops::Range<u64> {
    if link < BUSY {
        return 0..SHARDS;
    }
    let one = mixed(link, day, 0) % SHARDS;
    one..one + 1
}

fn of_day(link: u64, day: Day) -> Sum {
    total(shards(link, day).map(|shard| of_shard(link, day, shard)))
}

/// Returns the clicks of a shard. The other links get almost as many clicks a day as the busy links, so that all links
/// compete for a place in the overview.
fn of_shard(link: u64, day: Day, shard: u64) -> Sum {
    let mixed = mixed(link, day, shard + 1);
    let most = if link < BUSY { 1 + link } else { 100 + link % 300 };
    (1 + mixed % most, (mixed >> 16) % 4)
}

fn items(link: u64, day: Day, shard: u64) -> [Value; 2] {
    let (people, bots) = of_shard(link, day, shard);
    let number = |number: u64| json!({ "N": number.to_string() });
    let (hours, countries, hosts) = if link < BUSY { (24, 40, 25) } else { (4, 3, 3) };
    let letters = |n: u64| [b'A' + (n / 26 % 26) as u8, b'A' + (n % 26) as u8].map(char::from);
    let mut counts = Map::new();
    counts.extend((0..hours).map(|hour| (format!("h:{hour:02}"), number(people))));
    counts.extend((0..hours).map(|hour| (format!("b:{hour:02}"), number(bots))));
    counts.extend(
        ["desktop", "mobile", "tablet", "other"].map(|device| (format!("d:{device}"), number(people))),
    );
    counts.extend((0..countries).map(|n| (format!("c:{}", String::from_iter(letters(n))), number(people))));
    let referrers = (0..hosts).map(|host| (format!("r:site-{host}.of-link-{link}.example"), number(people)));
    let key = |bucket: String| json!({ "link": { "S": format!("{ORG}#{}", birth(link)) }, "bucket": { "S": bucket }, "ttl": number(2_000_000_000) });
    let mut of_day = key(format!("{day}#{shard}"));
    let mut of_referrers = key(format!("{day}#referrers#{shard}"));
    let own = json!({
        "org_day": { "S": format!("{ORG}#{day}#{shard}") }, "id": { "S": slug(link) },
        "clicks": number(people + bots), "bots": number(bots),
    });
    if let (Some(of_day), Some(own)) = (of_day.as_object_mut(), own.as_object()) {
        of_day.extend(counts.into_iter().chain(own.clone()));
    }
    if let Some(of_referrers) = of_referrers.as_object_mut() {
        of_referrers.extend(referrers);
    }
    [of_day, of_referrers]
}
