use super::StoreError;
use super::item::Attributes;
use crate::aws;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::stream::{self, StreamExt};
use std::time::Duration;

/// The maximum number of keys in one call.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MAX_KEYS: usize = 100;
/// The maximum number of concurrent calls. More calls at a time would exceed what a new table can read. For example,
/// the totals of a thousand links are 8,000 items, in 80 calls.
const MAX_CONCURRENT_CALLS: usize = 4;
/// The maximum number of calls for one batch. Each call returns the keys that it did not process, and the next call
/// requests these keys.
const MAX_CALLS: u32 = 5;
/// The longest wait before the second call. Before each further call, the longest wait grows by this amount.
const INITIAL_BACKOFF: Duration = Duration::from_millis(20);

/// The consistency of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consistency {
    /// A read can miss the newest writes.
    Eventual,
    /// A read returns what was written last. It costs twice as much.
    Strong,
}

/// Returns the items with these keys, in no particular order. Keys without an item are left out. Keys that do not fit into
/// one call are read in several calls, four at a time.
///
/// # Errors
/// A call failed, or DynamoDB keeps leaving keys unprocessed.
pub(super) async fn get(
    dynamodb: &Client,
    table: &str,
    keys: &[Attributes],
    consistency: Consistency,
) -> Result<Vec<Attributes>, StoreError> {
    let read = |keys: &[Attributes]| get_up_to_max(dynamodb, table, keys.to_vec(), consistency);
    let mut batches = stream::iter(keys.chunks(MAX_KEYS)).map(read).buffer_unordered(MAX_CONCURRENT_CALLS);
    let mut items = Vec::new();
    while let Some(found) = batches.next().await {
        items.extend(found?);
    }
    Ok(items)
}

async fn get_up_to_max(
    dynamodb: &Client,
    table: &str,
    mut keys: Vec<Attributes>,
    consistency: Consistency,
) -> Result<Vec<Attributes>, StoreError> {
    let mut items = Vec::new();
    for earlier_calls in 0..MAX_CALLS {
        tokio::time::sleep(aws::jitter(INITIAL_BACKOFF * earlier_calls)).await;
        let requested = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(consistency == Consistency::Strong)
            .build();
        let requested =
            requested.map_err(|_| StoreError::Refused("a batch could not be built".to_owned()))?;
        let answer = dynamodb.batch_get_item().request_items(table, requested).send().await?;
        items.extend(answer.responses.unwrap_or_default().into_values().flatten());
        let left = answer.unprocessed_keys.unwrap_or_default().into_values().next();
        keys = left.map(|left| left.keys).unwrap_or_default();
        if keys.is_empty() {
            return Ok(items);
        }
    }
    Err(StoreError::Unavailable("a part of the batch stayed unprocessed".to_owned()))
}
