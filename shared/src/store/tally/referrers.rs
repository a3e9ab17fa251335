//! How the hosts of a delivery go into a shard of a day's referrers, which has room for so many and no more.

use crate::model::Referrer;
use crate::store::clicks::{self, attribute};
use crate::store::item::{Attributes, number};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// How many hosts are told apart in one shard; 200 in all eight. The rest is `other`, so that forged referrers grow neither
/// an item nor a bill.
const ROOM: usize = 25;

/// What is known of the hosts that have a counter.
pub enum Known {
    /// Nothing: each host is taken to have one, as is usual.
    Guess,
    /// These, by the names of their counters.
    Counters(BTreeSet<String>),
}

/// What is added, under a condition.
pub struct Addition {
    pub counters: Vec<(String, u64)>,
    condition: Condition,
}

enum Condition {
    None,
    /// Each of the counters is there.
    AllThere,
    /// So many hosts have a counter.
    Hosts(usize),
}

impl Known {
    /// What to take for known before anything is: so many hosts cannot all be there.
    pub fn at_first(referrers: &BTreeMap<Referrer, u64>) -> Self {
        if referrers.len() <= ROOM { Self::Guess } else { Self::Counters(BTreeSet::new()) }
    }

    /// What an item says; there may be none.
    pub fn from_item(item: Option<&Attributes>) -> Self {
        let names = item.into_iter().flatten().map(|(name, _)| name);
        Self::Counters(names.filter(|name| name.starts_with("r:")).cloned().collect())
    }
}

impl Addition {
    /// How the referrers of a delivery are counted, if what is known is true.
    pub fn of(referrers: &BTreeMap<Referrer, u64>, known: &Known) -> Self {
        let named = referrers.iter().map(|(referrer, count)| (clicks::host_counter(referrer), *count));
        let known = match known {
            Known::Guess => return Self { counters: named.collect(), condition: Condition::AllThere },
            Known::Counters(known) => known,
        };
        let (mut counters, mut new): (Vec<_>, Vec<_>) = named.partition(|(name, _)| known.contains(name));
        // Where not all have room, those with the most clicks come first.
        new.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let others = new.split_off(new.len().min(ROOM.saturating_sub(known.len())));
        let condition = if new.is_empty() { Condition::None } else { Condition::Hosts(known.len()) };
        let sums = [
            (attribute::HOSTS, new.len() as u64),
            (attribute::OTHER, others.iter().map(|(_, count)| count).sum()),
        ];
        counters.extend(new);
        counters
            .extend(sums.into_iter().filter(|(_, sum)| *sum > 0).map(|(name, sum)| (name.to_owned(), sum)));
        Self { counters, condition }
    }

    /// The update, under the condition.
    pub fn under_condition(&self, update: UpdateBuilder) -> UpdateBuilder {
        match self.condition {
            Condition::None => update,
            // The names are those that the update has given to its counters.
            Condition::AllThere => {
                let there = (0..self.counters.len()).map(|index| format!("attribute_exists(#{index})"));
                update.condition_expression(there.collect::<Vec<_>>().join(" AND "))
            }
            Condition::Hosts(0) => update
                .condition_expression("attribute_not_exists(#hosts)")
                .expression_attribute_names("#hosts", attribute::HOSTS),
            Condition::Hosts(hosts) => update
                .condition_expression("#hosts = :hosts")
                .expression_attribute_names("#hosts", attribute::HOSTS)
                .expression_attribute_values(":hosts", number(hosts)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn referrers(hosts: impl IntoIterator<Item = (usize, u64)>) -> BTreeMap<Referrer, u64> {
        hosts.into_iter().map(|(host, count)| (format!("h{host}.example").parse().unwrap(), count)).collect()
    }

    #[test]
    fn a_full_shard_counts_new_hosts_as_other() {
        let known = Known::Counters((0..ROOM).map(|host| format!("r:h{host}.example")).collect());
        let addition = Addition::of(&referrers([(3, 5), (77, 2), (78, 4)]), &known);
        assert_eq!(addition.counters, [("r:h3.example".to_owned(), 5), ("other".to_owned(), 6)]);
    }

    #[test]
    fn of_too_many_new_hosts_those_with_the_most_clicks_are_told_apart() {
        let addition =
            Addition::of(&referrers((0..100).map(|host| (host, host as u64 + 1))), &Known::from_item(None));
        assert_eq!(addition.counters.len(), ROOM + 2);
        assert!(addition.counters.contains(&("r:h99.example".to_owned(), 100)));
        assert!(addition.counters.contains(&("hosts".to_owned(), ROOM as u64)));
        let all: u64 =
            addition.counters.iter().filter(|(name, _)| name != "hosts").map(|(_, count)| count).sum();
        assert_eq!(all, (1..=100).sum::<u64>());
    }
}
