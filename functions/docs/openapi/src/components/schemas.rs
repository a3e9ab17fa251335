//! Schemas, generated from the types of the API.

use crate::bodies::GatewayMessage;
use crate::problems;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use shared::http::{
    ClicksBody, HandlesBody, HistoryBody, ImportBody, LinkBody, LinkEditBody, NewHandleBody, NewLinkBody,
    OverviewBody, PageBody, Problem, SessionBody,
};
use std::collections::BTreeSet;

/// Returns the schemas of bodies, generated from their types. `codes` contains the codes of all operations' problems.
pub fn schemas(mut codes: BTreeSet<&str>) -> Map<String, Value> {
    let mut read = generator(SchemaSettings::draft2020_12().for_deserialize());
    read.subschema_for::<NewLinkBody>();
    read.subschema_for::<LinkEditBody>();
    read.subschema_for::<NewHandleBody>();
    let mut written = generator(SchemaSettings::draft2020_12().for_serialize());
    written.subschema_for::<LinkBody<'_>>();
    written.subschema_for::<PageBody<'_>>();
    written.subschema_for::<ClicksBody>();
    written.subschema_for::<OverviewBody<'_>>();
    written.subschema_for::<HistoryBody<'_>>();
    written.subschema_for::<ImportBody>();
    written.subschema_for::<HandlesBody<'_>>();
    written.subschema_for::<SessionBody<'_>>();
    written.subschema_for::<Problem<'_>>();
    written.subschema_for::<GatewayMessage>();
    let mut schemas = read.take_definitions(true);
    schemas.extend(written.take_definitions(true));

    codes.insert(problems::of_other_methods().code());
    let code = schemas.get_mut("Problem").and_then(|problem| problem.pointer_mut("/properties/code"));
    if let Some(code) = code.and_then(Value::as_object_mut) {
        code.insert("enum".to_owned(), json!(codes));
    }
    schemas
}

fn generator(settings: SchemaSettings) -> SchemaGenerator {
    settings.with(|settings| settings.definitions_path = "/components/schemas".into()).into_generator()
}

/// Returns the schema for values of this type in a path, query or header of a request.
pub(super) fn read<T: JsonSchema>() -> Value {
    generator(SchemaSettings::draft2020_12().for_deserialize()).subschema_for::<T>().to_value()
}
