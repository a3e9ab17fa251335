//! Adds missing indexes to a table that an earlier version created.

use super::{Index, Item, LINKS, Table, keys, sentence};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, PutRequest, WriteRequest,
};
use shared::model::{LinkKey, Slug};
use shared::store::link_of;
use std::collections::HashMap;

/// The maximum number of items in one `BatchWriteItem`.
const MAX_BATCH: usize = 25;

/// The slugs of all links that exist.
#[derive(Debug, Default)]
pub(super) struct Slugs(HashMap<LinkKey, Slug>);

impl Slugs {
    /// Returns the link's slug, unless the link was deleted.
    pub fn slug_of(&self, link: &LinkKey) -> Option<Slug> {
        self.0.get(link).cloned()
    }

    async fn read(client: &Client) -> Result<Self, String> {
        let items = client.scan().table_name(LINKS.name).into_paginator().items().send();
        let items: Vec<Item> = items.collect::<Result<_, _>>().await.map_err(failed)?;
        Ok(Self(items.iter().filter_map(link_of).collect()))
    }
}

impl Table {
    /// Adds the indexes that the table lacks. Before that, adds the key attributes of these indexes to the table's
    /// items. If the migration is interrupted, an index is still missing, so the next start repeats the migration.
    pub(super) async fn migrate(&self, client: &Client) -> Result<(), String> {
        let described = client.describe_table().table_name(self.name).send().await.map_err(failed)?;
        let existing = described.table().map(|table| table.global_secondary_indexes()).unwrap_or_default();
        let is_missing = |index: &&Index| !existing.iter().any(|old| old.index_name() == Some(index.name));
        let missing: Vec<&Index> = self.indexes.iter().filter(is_missing).collect();
        if !missing.is_empty() {
            self.complete_items(client).await?;
        }
        for index in missing {
            self.add(client, index).await?;
        }
        Ok(())
    }

    /// Adds the missing attributes to each item that lacks some. Nothing else writes meanwhile, because no other
    /// program has the engine's file open.
    async fn complete_items(&self, client: &Client) -> Result<(), String> {
        let slugs = Slugs::read(client).await?;
        let mut start = None;
        loop {
            let scan = client.scan().table_name(self.name).set_exclusive_start_key(start);
            let page = scan.send().await.map_err(failed)?;
            let complete = |mut item: Item| {
                let missing = (self.missing)(&item, &slugs);
                if missing.is_empty() {
                    return None;
                }
                item.extend(missing.into_iter().map(|(name, value)| (name.to_owned(), value)));
                let put = PutRequest::builder().set_item(Some(item)).build().map_err(sentence);
                Some(put.map(|put| WriteRequest::builder().put_request(put).build()))
            };
            let puts: Vec<WriteRequest> =
                page.items.unwrap_or_default().into_iter().filter_map(complete).collect::<Result<_, _>>()?;
            for batch in puts.chunks(MAX_BATCH) {
                let write = client.batch_write_item().request_items(self.name, batch.to_vec());
                let answer = write.send().await.map_err(failed)?;
                if answer.unprocessed_items().is_some_and(|items| !items.is_empty()) {
                    return Err("the engine did not write all items".to_owned());
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    /// Adds an index. The engine fills the index with the items that have the index's key attributes.
    async fn add(&self, client: &Client, index: &Index) -> Result<(), String> {
        let create = CreateGlobalSecondaryIndexAction::builder()
            .index_name(index.name)
            .set_key_schema(Some(keys(index.partition_key, index.sort_key)?))
            .projection(index.projection())
            .build()
            .map_err(sentence)?;
        client
            .update_table()
            .table_name(self.name)
            .set_attribute_definitions(Some(self.attribute_definitions()?))
            .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(create).build())
            .send()
            .await
            .map(drop)
            .map_err(failed)
    }
}

fn failed<E: std::error::Error>(error: E) -> String {
    DisplayErrorContext(error).to_string()
}
