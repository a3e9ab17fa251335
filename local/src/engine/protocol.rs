//! DynamoDB's protocol over HTTP (AWS JSON 1.0), in front of the engine's operations:
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>.
//!
//! The engine's own server would accept requests from the pages of any site. This server is behind a
//! [`Guard`](crate::guard::Guard), which refuses such requests. Signatures are required but not verified.

use aws_lc_rs::rand;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use dynoxide::auth_material::{self, AuthMaterial};
use dynoxide::{Database, DynoxideError};
use flate2::Crc;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;

/// The maximum size of a DynamoDB request, in bytes.
pub const MAX_BODY: usize = 16 * 1024 * 1024;

const AMZ_JSON: &str = "application/x-amz-json-1.0";
const NO_SUCH_PAGE: &str = "<UnknownOperationException/>\n";

/// Handles a request on the calling thread, including the write to disk.
pub async fn answer(
    State(database): State<Database>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match (method, uri.path()) {
        (Method::GET, "/") => respond(StatusCode::OK, "text/plain", "healthy".to_owned()),
        (Method::POST, "/") => call(&database, &uri, &headers, &body),
        _ => respond(StatusCode::NOT_FOUND, "text/plain", NO_SUCH_PAGE.to_owned()),
    }
}

fn call(database: &Database, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let media_type = header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    // Unlike a form's content types, neither of these can be sent to another origin without a preflight.
    let media_type = match media_type {
        json if json.eq_ignore_ascii_case(AMZ_JSON) => AMZ_JSON,
        json if json.eq_ignore_ascii_case("application/json") => "application/json",
        _ => return respond(StatusCode::NOT_FOUND, "text/plain", NO_SUCH_PAGE.to_owned()),
    };
    let refuse = |body: String| respond(StatusCode::BAD_REQUEST, media_type, body);
    let target = header("x-amz-target").unwrap_or_default();
    let operation =
        target.strip_prefix("DynamoDB_20120810.").or(target.strip_prefix("DynamoDBStreams_20120810."));
    let Some(run) = operation.and_then(operation_named) else {
        return refuse(r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#.to_owned());
    };
    let credentials = AuthMaterial {
        authorization: header("authorization"),
        query: uri.query().unwrap_or_default(),
        has_date_header: headers.contains_key("x-amz-date") || headers.contains_key("date"),
    };
    if let Some(error) = auth_material::validate(credentials) {
        return refuse(error);
    }
    match run(database, body).map_err(|error| as_sent(operation.unwrap_or_default(), error)) {
        Ok(answer) => respond(StatusCode::OK, media_type, answer),
        Err(error) => {
            let status =
                StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            respond(status, media_type, error.to_json())
        }
    }
}

type Operation = fn(&Database, &[u8]) -> Result<String, DynoxideError>;

/// Returns the operation with this name in DynamoDB's API.
fn operation_named(name: &str) -> Option<Operation> {
    macro_rules! operations {
        ($($name:literal => $method:ident),+ $(,)?) => {
            match name {
                $($name => Some(|database, body| write(&database.$method(read(body)?)?)),)+
                _ => None,
            }
        };
    }
    operations! {
        "BatchExecuteStatement" => batch_execute_statement,
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "CreateTable" => create_table,
        "DeleteItem" => delete_item,
        "DeleteTable" => delete_table,
        "DescribeStream" => describe_stream,
        "DescribeTable" => describe_table,
        "DescribeTimeToLive" => describe_time_to_live,
        "ExecuteStatement" => execute_statement,
        "ExecuteTransaction" => execute_transaction,
        "GetItem" => get_item,
        "GetRecords" => get_records,
        "GetShardIterator" => get_shard_iterator,
        "ListStreams" => list_streams,
        "ListTables" => list_tables,
        "ListTagsOfResource" => list_tags_of_resource,
        "PutItem" => put_item,
        "Query" => query,
        "Scan" => scan,
        "SearchVectors" => search_vectors,
        "TagResource" => tag_resource,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "UntagResource" => untag_resource,
        "UpdateItem" => update_item,
        "UpdateTable" => update_table,
        "UpdateTimeToLive" => update_time_to_live,
    }
}

/// Parses a request. For an invalid value, the engine's types put the error's class before the message.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| {
        if error.is_syntax() || error.is_eof() {
            return DynoxideError::SerializationException(String::new());
        }
        let text = error.to_string();
        let rule = text.rsplit_once(" at line ").map_or(text.as_str(), |(rule, _)| rule);
        let is_class = |class: &str| {
            !class.is_empty() && class.bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase())
        };
        match rule.split_once(':').filter(|(class, _)| is_class(class)) {
            Some(("VALIDATION_REQUEST", rule)) => DynoxideError::EnvelopedValidation(rule.to_owned()),
            Some(("VALIDATION" | "VALIDATION_AS_READ", rule)) => {
                DynoxideError::ValidationException(rule.to_owned())
            }
            Some((_, rule)) => DynoxideError::SerializationException(rule.to_owned()),
            None if ["missing field", "unknown variant", "invalid type: null", "AttributeValue"]
                .iter()
                .any(|part| rule.contains(part)) =>
            {
                DynoxideError::ValidationException(rule.to_owned())
            }
            None => DynoxideError::SerializationException(rule.to_owned()),
        }
    })
}

fn write<T: Serialize>(answer: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// Returns the error in the form in which DynamoDB sends it for this operation.
fn as_sent(operation: &str, error: DynoxideError) -> DynoxideError {
    match (operation, error) {
        ("PutItem" | "UpdateItem" | "DeleteItem", DynoxideError::EnvelopedValidation(rule)) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {rule}"))
        }
        ("ExecuteStatement", DynoxideError::ConditionalCheckFailedException(message, Some(item))) => {
            DynoxideError::StatementConditionalCheckFailed(message, item)
        }
        (_, error) => error,
    }
}

fn respond(status: StatusCode, media_type: &str, body: String) -> Response {
    let mut checksum = Crc::new();
    checksum.update(body.as_bytes());
    let headers = [
        (CONTENT_TYPE.as_str(), media_type.to_owned()),
        ("x-amzn-requestid", request_id()),
        // Some SDKs verify the checksum.
        ("x-amz-crc32", checksum.sum().to_string()),
    ];
    (status, headers, body).into_response()
}

/// Returns a request id in DynamoDB's form: 52 capital letters and digits.
fn request_id() -> String {
    let mut bytes = [0; 26];
    // If there is no entropy, all ids are the same, which is acceptable because they are only for logs.
    let _ = rand::fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(52), |mut id, byte| {
        let _ = write!(id, "{byte:02X}");
        id
    })
}
