use super::clicks::{self, ClickStore};
use super::record::names;
use super::{ChangeStore, LINK, LinkStore, NEWEST, attribute, text};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use std::time::Duration;
use tokio::time::timeout;

/// The partition and sort key of an item that cannot exist: no organization id and no slug starts with `@`.
const PRIME_KEY: &str = "@prime";
/// The timeout of a priming call. It is short, because the first visitor waits for Lambda's init. It is long
/// enough, because init runs at full speed.
const PRIME_TIMEOUT: Duration = Duration::from_secs(1);

/// Priming: during init, each function makes its DynamoDB call once, without effect. After that, the connection and
/// everything else that is set up on first use are ready for the first request.
///
/// A priming call that fails is ignored: the first request makes the call again, and reports its own failure.
impl LinkStore {
    /// Primes the query that lists links, in an empty partition.
    pub async fn prime_list(&self) {
        let query = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(NEWEST)
            .key_condition_expression("#org_id = :org_id")
            .expression_attribute_names("#org_id", attribute::ORG_ID)
            .expression_attribute_values(":org_id", text(PRIME_KEY))
            .limit(1);
        let _ = timeout(PRIME_TIMEOUT, query.send()).await;
    }

    /// Primes a read of an item that cannot exist.
    pub async fn prime_read(&self) {
        let key = [(attribute::ORG_ID, text(PRIME_KEY)), (attribute::ID, text(PRIME_KEY))];
        let get = self.get_item(key.map(|(name, value)| (name.to_owned(), value)).into());
        let _ = timeout(PRIME_TIMEOUT, get.send()).await;
    }
}

impl ChangeStore {
    /// Primes the transaction of a change with a transaction whose condition is never true.
    pub async fn prime_change(&self) {
        let put = Put::builder()
            .table_name(&self.table)
            .item(attribute::ORG_ID, text(PRIME_KEY))
            .item(attribute::ID, text(PRIME_KEY))
            .condition_expression("attribute_exists(#id)")
            .expression_attribute_names("#id", attribute::ID);
        let Ok(put) = put.build() else { return };
        let put = TransactWriteItem::builder().put(put).build();
        let transaction = self.links.dynamodb.transact_write_items().transact_items(put);
        let _ = timeout(PRIME_TIMEOUT, transaction.send()).await;
    }

    /// Primes the query of the history with a query of an empty partition.
    pub async fn prime_history(&self) {
        let query = self
            .links
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(LINK)
            .key_condition_expression("#org_link = :org_link")
            .expression_attribute_names("#org_link", names::ORG_LINK)
            .expression_attribute_values(":org_link", text(PRIME_KEY))
            .limit(1);
        let _ = timeout(PRIME_TIMEOUT, query.send()).await;
    }
}

impl ClickStore {
    /// Primes the write of a marker with a put whose condition is never true.
    pub async fn prime_tally(&self) {
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .item(clicks::attribute::LINK, text(PRIME_KEY))
            .item(clicks::attribute::BUCKET, text(PRIME_KEY))
            .condition_expression("attribute_exists(#link)")
            .expression_attribute_names("#link", clicks::attribute::LINK);
        let _ = timeout(PRIME_TIMEOUT, put.send()).await;
    }
}
