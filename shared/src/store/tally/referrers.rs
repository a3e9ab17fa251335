//! The update that adds a delivery's hosts to one shard of a day's referrers. A shard can contain only a limited number
//! of hosts.

use crate::model::Referrer;
use crate::store::clicks::{self, attribute};
use crate::store::item::{Attributes, number};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// The maximum number of hosts in one shard. The eight shards together can contain 200 hosts. All other hosts are
/// counted under `other`, so that forged referrers cannot make an item or a bill grow.
const MAX_HOSTS: usize = 25;

/// The hosts that have a counter in the shard.
pub enum KnownHosts {
    /// The shard has not been read yet. Each host in the delivery is assumed to have a counter, which is the usual
    /// case.
    Assumed,
    /// The shard was read. Contains the names of the counters in the shard, one for each host.
    Counters(BTreeSet<String>),
}

/// An update of referrers' counters: which counters it increases, and under which condition it may be applied.
pub struct ReferrerUpdate {
    pub counters: Vec<(String, u64)>,
    condition: HostsCondition,
}

enum HostsCondition {
    None,
    /// Each of the counters exists.
    AllExist,
    /// Exactly this number of hosts have a counter.
    Hosts(usize),
}

impl KnownHosts {
    /// Returns what to assume before the shard's item is read. If there are more hosts than a shard
    /// can contain, some of them have no counter. Then the assumption is that none of them has a counter.
    pub fn assumed(referrers: &BTreeMap<Referrer, u64>) -> Self {
        if referrers.len() <= MAX_HOSTS { Self::Assumed } else { Self::Counters(BTreeSet::new()) }
    }

    /// Returns the hosts in the shard's item, or no hosts if there is no item.
    pub fn from_item(item: Option<&Attributes>) -> Self {
        let names = item.into_iter().flatten().map(|(name, _)| name);
        Self::Counters(names.filter(|name| name.starts_with("r:")).cloned().collect())
    }
}

impl ReferrerUpdate {
    /// Returns the update that adds a delivery's referrers. Its condition is that the shard has the hosts in `known`.
    pub fn new(referrers: &BTreeMap<Referrer, u64>, known: &KnownHosts) -> Self {
        let named = referrers.iter().map(|(referrer, count)| (clicks::host_counter(referrer), *count));
        let known = match known {
            KnownHosts::Assumed => {
                return Self { counters: named.collect(), condition: HostsCondition::AllExist };
            }
            KnownHosts::Counters(known) => known,
        };
        let (mut counters, mut new): (Vec<_>, Vec<_>) = named.partition(|(name, _)| known.contains(name));
        // If there is no room for all new hosts, those with the most clicks take precedence.
        new.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let others = new.split_off(new.len().min(MAX_HOSTS.saturating_sub(known.len())));
        let condition =
            if new.is_empty() { HostsCondition::None } else { HostsCondition::Hosts(known.len()) };
        let sums = [
            (attribute::HOSTS, new.len() as u64),
            (attribute::OTHER, others.iter().map(|(_, count)| count).sum()),
        ];
        counters.extend(new);
        counters
            .extend(sums.into_iter().filter(|(_, sum)| *sum > 0).map(|(name, sum)| (name.to_owned(), sum)));
        Self { counters, condition }
    }

    /// Adds the condition to an update of the counters.
    pub fn with_condition(&self, update: UpdateBuilder) -> UpdateBuilder {
        match self.condition {
            HostsCondition::None => update,
            // The update uses the same placeholders for the counters: `#0`, `#1` and so on.
            HostsCondition::AllExist => {
                let exist = (0..self.counters.len()).map(|index| format!("attribute_exists(#{index})"));
                update.condition_expression(exist.collect::<Vec<_>>().join(" AND "))
            }
            HostsCondition::Hosts(0) => update
                .condition_expression("attribute_not_exists(#hosts)")
                .expression_attribute_names("#hosts", attribute::HOSTS),
            HostsCondition::Hosts(hosts) => update
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
        let known = KnownHosts::Counters((0..MAX_HOSTS).map(|host| format!("r:h{host}.example")).collect());
        let update = ReferrerUpdate::new(&referrers([(3, 5), (77, 2), (78, 4)]), &known);
        assert_eq!(update.counters, [("r:h3.example".to_owned(), 5), ("other".to_owned(), 6)]);
    }

    #[test]
    fn of_too_many_new_hosts_those_with_the_most_clicks_get_counters() {
        let clicks = referrers((0..100).map(|host| (host, host as u64 + 1)));
        let update = ReferrerUpdate::new(&clicks, &KnownHosts::from_item(None));
        assert_eq!(update.counters.len(), MAX_HOSTS + 2);
        assert!(update.counters.contains(&("r:h99.example".to_owned(), 100)));
        assert!(update.counters.contains(&("hosts".to_owned(), MAX_HOSTS as u64)));
        let all: u64 =
            update.counters.iter().filter(|(name, _)| name != "hosts").map(|(_, count)| count).sum();
        assert_eq!(all, (1..=100).sum::<u64>());
    }
}
