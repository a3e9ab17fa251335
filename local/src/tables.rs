//! The same tables as in `template.yaml`. A test compares both definitions.

mod migration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use migration::Slugs;
use shared::store::{missing_day_keys, missing_target};
use std::collections::HashMap;

/// A table keyed by two strings.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The name of the table on this machine.
    pub name: &'static str,
    /// The partition key.
    pub partition_key: &'static str,
    /// The sort key.
    pub sort_key: &'static str,
    /// The global secondary indexes.
    pub indexes: &'static [Index],
    /// The attribute that contains an item's expiry.
    pub ttl: &'static str,
    /// Returns the name and the value of each attribute that an item lacks because an earlier version wrote it. These
    /// attributes are keys of indexes, and attributes that are read together with these keys.
    missing: fn(&Item, &Slugs) -> Vec<(&'static str, AttributeValue)>,
}

/// A global secondary index, keyed by two strings.
#[derive(Debug, Clone, Copy)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// The partition key.
    pub partition_key: &'static str,
    /// The sort key.
    pub sort_key: &'static str,
    /// The attributes that the index contains in addition to keys. `None` means all attributes of an item.
    pub attributes: Option<&'static [&'static str]>,
}

type Item = HashMap<String, AttributeValue>;

/// The table of all links.
pub const LINKS: Table = Table {
    name: "links",
    partition_key: "org_id",
    sort_key: "id",
    indexes: &[
        Index { name: "newest", partition_key: "org_id", sort_key: "newest", attributes: None },
        Index { name: "target", partition_key: "target", sort_key: "newest", attributes: None },
    ],
    ttl: "ttl",
    missing: |item, _| missing_target(item).into_iter().collect(),
};
/// The table of all links' history.
pub const HISTORY: Table = Table {
    name: "history",
    partition_key: "org_id",
    sort_key: "id",
    indexes: &[Index { name: "link", partition_key: "org_link", sort_key: "id", attributes: None }],
    ttl: "ttl",
    missing: |_, _| Vec::new(),
};
/// The table of all links' clicks.
pub const CLICKS: Table = Table {
    name: "clicks",
    partition_key: "link",
    sort_key: "bucket",
    indexes: &[Index {
        name: "days",
        partition_key: "org_day",
        sort_key: "link",
        attributes: Some(&["clicks", "bots"]),
    }],
    ttl: "ttl",
    missing: |item, slugs| missing_day_keys(item, |link| slugs.slug_of(link)),
};

impl Table {
    /// Creates the table unless it exists. A table that an earlier version created gets the missing indexes, and
    /// its items get the attributes that the indexes need.
    ///
    /// # Errors
    /// The engine returned an error. Returns the reason as a sentence.
    pub async fn create(&self, client: &Client) -> Result<(), String> {
        self.try_create(client)
            .await
            .map_err(|error| format!("the table '{}' could not be created: {error}", self.name))
    }

    async fn try_create(&self, client: &Client) -> Result<(), String> {
        let mut create = client
            .create_table()
            .table_name(self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(keys(self.partition_key, self.sort_key)?))
            .set_attribute_definitions(Some(self.attribute_definitions()?));
        for index in self.indexes {
            create = create.global_secondary_indexes(index.definition()?);
        }
        match create.send().await {
            Ok(_) => {}
            Err(error) => match error.as_service_error() {
                Some(CreateTableError::ResourceInUseException(_)) => return self.migrate(client).await,
                _ => return Err(DisplayErrorContext(error).to_string()),
            },
        }
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name(self.ttl).build();
        let update = client.update_time_to_live().table_name(self.name);
        let update = update.time_to_live_specification(ttl.map_err(sentence)?).send().await;
        update.map(drop).map_err(|error| DisplayErrorContext(error).to_string())
    }

    /// Defines the attributes that are keys of the table or of an index, each once.
    fn attribute_definitions(&self) -> Result<Vec<AttributeDefinition>, String> {
        let definition = |name: &str| {
            let definition = AttributeDefinition::builder().attribute_name(name);
            definition.attribute_type(ScalarAttributeType::S).build().map_err(sentence)
        };
        self.key_attributes().into_iter().map(definition).collect()
    }

    /// Returns the names of the attributes that are keys of the table or of an index, each once.
    pub fn key_attributes(&self) -> Vec<&'static str> {
        let of_indexes = self.indexes.iter().flat_map(|index| [index.partition_key, index.sort_key]);
        let mut names = Vec::new();
        for name in [self.partition_key, self.sort_key].into_iter().chain(of_indexes) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl Index {
    fn definition(&self) -> Result<GlobalSecondaryIndex, String> {
        GlobalSecondaryIndex::builder()
            .index_name(self.name)
            .set_key_schema(Some(keys(self.partition_key, self.sort_key)?))
            .projection(self.projection())
            .build()
            .map_err(sentence)
    }

    fn projection(&self) -> Projection {
        let projection = Projection::builder();
        match self.attributes {
            None => projection.projection_type(ProjectionType::All).build(),
            Some(names) => {
                let names = names.iter().map(|name| (*name).to_owned()).collect();
                projection
                    .projection_type(ProjectionType::Include)
                    .set_non_key_attributes(Some(names))
                    .build()
            }
        }
    }
}

fn keys(partition_key: &str, sort_key: &str) -> Result<Vec<KeySchemaElement>, String> {
    let keys = [(partition_key, KeyType::Hash), (sort_key, KeyType::Range)];
    let key = |(name, kind)| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    keys.map(key).into_iter().collect::<Result<_, _>>().map_err(sentence)
}

fn sentence(error: BuildError) -> String {
    error.to_string()
}
