use super::clicks::{self, ClickStore};
use super::{LinkStore, NEWEST, attribute, text};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use std::time::Duration;
use tokio::time::timeout;

/// Starts no organization's id and no slug, so what has it for both keys is nobody's.
const NOBODY: &str = "@prime";
/// Init runs at full speed, but it is in the way of the first visitor.
const PATIENCE: Duration = Duration::from_secs(1);

/// Priming: each function does once during init, to no effect, the one action it is there for. The connection, its
/// TLS handshake and everything that is set up on first use are then ready before anybody waits for them.
///
/// A priming that fails is forgotten: the first request tries again, and says so if it fails too.
impl LinkStore {
    /// Primes the put of a create, by a condition that cannot hold.
    pub async fn prime_create(&self) {
        let put = PutItemInput::builder()
            .table_name(&self.table)
            .item(attribute::ORG_ID, text(NOBODY))
            .item(attribute::ID, text(NOBODY))
            .condition_expression("attribute_exists(#id)")
            .expression_attribute_names("#id", attribute::ID);
        let _ = timeout(PATIENCE, self.dynamodb.send(put)).await;
    }

    /// Primes the query of a list, in a partition that is no organization's.
    pub async fn prime_list(&self) {
        let query = QueryInput::builder()
            .table_name(&self.table)
            .index_name(NEWEST)
            .key_condition_expression("#org_id = :org_id")
            .expression_attribute_names("#org_id", attribute::ORG_ID)
            .expression_attribute_values(":org_id", text(NOBODY))
            .limit(1);
        let _ = timeout(PATIENCE, self.dynamodb.send(query)).await;
    }

    /// Primes a read, by a key that cannot exist.
    pub async fn prime_read(&self) {
        let key = [(attribute::ORG_ID, text(NOBODY)), (attribute::ID, text(NOBODY))];
        let get = self.get(key.map(|(name, value)| (name.to_owned(), value)).into());
        let _ = timeout(PATIENCE, self.dynamodb.send(get)).await;
    }

    /// Primes the edit, by a condition that cannot hold.
    pub async fn prime_update(&self) {
        let update = UpdateItemInput::builder()
            .table_name(&self.table)
            .key(attribute::ORG_ID, text(NOBODY))
            .key(attribute::ID, text(NOBODY))
            .condition_expression("attribute_exists(#id)")
            .update_expression("REMOVE #title")
            .expression_attribute_names("#id", attribute::ID)
            .expression_attribute_names("#title", attribute::TITLE);
        let _ = timeout(PATIENCE, self.dynamodb.send(update)).await;
    }

    /// Primes the deletion, by a condition that cannot hold.
    pub async fn prime_delete(&self) {
        let delete = DeleteItemInput::builder()
            .table_name(&self.table)
            .key(attribute::ORG_ID, text(NOBODY))
            .key(attribute::ID, text(NOBODY))
            .condition_expression("attribute_exists(#id)")
            .expression_attribute_names("#id", attribute::ID);
        let _ = timeout(PATIENCE, self.dynamodb.send(delete)).await;
    }
}

impl ClickStore {
    /// Primes the put of a marker, by a condition that cannot hold.
    pub async fn prime_tally(&self) {
        let put = PutItemInput::builder()
            .table_name(&self.table)
            .item(clicks::attribute::LINK, text(NOBODY))
            .item(clicks::attribute::BUCKET, text(NOBODY))
            .condition_expression("attribute_exists(#link)")
            .expression_attribute_names("#link", clicks::attribute::LINK);
        let _ = timeout(PATIENCE, self.dynamodb.send(put)).await;
    }
}
