//! The tables, as `template.yaml` has them; a test holds the two equal.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};

/// A table keyed by two strings, with one index at most, on its partition key and a third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The name of the table on this machine.
    pub name: &'static str,
    /// The partition key, of the index too.
    pub partition_key: &'static str,
    /// The sort key.
    pub sort_key: &'static str,
    /// The index and its sort key, one name for both, if there is one. It holds whole items.
    pub index: Option<&'static str>,
    /// The attribute that says when an item may be deleted.
    pub ttl: &'static str,
}

/// The table of all links.
pub const LINKS: Table =
    Table { name: "links", partition_key: "org_id", sort_key: "id", index: Some("newest"), ttl: "ttl" };
/// The table of their clicks.
pub const CLICKS: Table =
    Table { name: "clicks", partition_key: "link", sort_key: "bucket", index: None, ttl: "ttl" };

impl Table {
    /// Makes the table, unless it is already there.
    ///
    /// # Errors
    /// The engine refuses, as a sentence.
    pub async fn create(&self, client: &Client) -> Result<(), String> {
        self.try_create(client)
            .await
            .map_err(|error| format!("the table '{}' could not be made: {error}", self.name))
    }

    async fn try_create(&self, client: &Client) -> Result<(), String> {
        let built = |error: aws_sdk_dynamodb::error::BuildError| error.to_string();
        let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        let keys = |sort_key| -> Result<Vec<KeySchemaElement>, String> {
            let partition_key = key(self.partition_key, KeyType::Hash).map_err(built)?;
            Ok(vec![partition_key, key(sort_key, KeyType::Range).map_err(built)?])
        };
        let mut create = client
            .create_table()
            .table_name(self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(keys(self.sort_key)?));
        if let Some(name) = self.index {
            let index = GlobalSecondaryIndex::builder()
                .index_name(name)
                .set_key_schema(Some(keys(name)?))
                .projection(Projection::builder().projection_type(ProjectionType::All).build())
                .build();
            create = create.global_secondary_indexes(index.map_err(built)?);
        }
        for name in [self.partition_key, self.sort_key].into_iter().chain(self.index) {
            let definition = AttributeDefinition::builder().attribute_name(name);
            let definition = definition.attribute_type(ScalarAttributeType::S).build().map_err(built)?;
            create = create.attribute_definitions(definition);
        }
        match create.send().await {
            Ok(_) => {}
            Err(error) => match error.as_service_error() {
                Some(CreateTableError::ResourceInUseException(_)) => return Ok(()),
                _ => return Err(DisplayErrorContext(error).to_string()),
            },
        }
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name(self.ttl).build();
        let update = client.update_time_to_live().table_name(self.name);
        let update = update.time_to_live_specification(ttl.map_err(built)?).send().await;
        update.map(drop).map_err(|error| DisplayErrorContext(error).to_string())
    }
}
