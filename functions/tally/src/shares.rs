//! Adds up the clicks of a batch by link and day.

use crate::batch::Batch;
use sha2::{Digest, Sha256};
use shared::clicks;
use shared::model::{Counts, Day, LinkKey, Slug};
use shared::store::Share;
use std::collections::BTreeMap;

/// Returns the shares of a batch, and the number of lines that are not valid clicks.
pub fn add_up(batch: &Batch) -> (Vec<Share>, usize) {
    let mut counts: BTreeMap<(LinkKey, Day), (Option<Slug>, Counts)> = BTreeMap::new();
    let mut skipped = 0;
    for event in &batch.log_events {
        match clicks::read(&event.message) {
            Some(click) => {
                let day = Day::from_timestamp(click.at);
                let (slug, counts) = counts.entry((click.link.clone(), day)).or_default();
                counts.add(&click);
                *slug = slug.take().or(click.slug);
            }
            None => skipped += 1,
        }
    }
    let shard = Sha256::digest(&batch.log_stream).first().copied().unwrap_or_default();
    let shares = counts.into_iter().map(|((link, day), (slug, counts))| {
        let mark = mark(batch, &link, day);
        Share { link, slug, day, counts, mark, shard }
    });
    (shares.collect(), skipped)
}

/// Returns the id of a share, the part of a batch for one link and day. A share has the same id each time its batch is
/// delivered. CloudWatch gives each line a unique id, so no two shares have the same id.
fn mark(batch: &Batch, link: &LinkKey, day: Day) -> String {
    let id = |event: Option<&crate::batch::LogEvent>| event.map(|event| event.id.clone()).unwrap_or_default();
    let parts = [
        batch.log_group.clone(),
        batch.log_stream.clone(),
        id(batch.log_events.first()),
        id(batch.log_events.last()),
        format!("{}#{}", link.org_id, link.birth),
        day.to_string(),
    ];
    // No part contains a NUL, so the joined text is unambiguous.
    let digest = Sha256::digest(parts.join("\0"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
