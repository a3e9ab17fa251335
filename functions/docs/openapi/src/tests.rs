use super::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const METHODS: [&str; 6] = ["delete", "get", "head", "patch", "post", "put"];

/// Every operation with its method and path.
fn all(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    operations.collect()
}

/// Calls `look` with every object in a value, including the value itself.
fn each<'a>(value: &'a Value, look: &mut impl FnMut(&'a serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            look(members);
            members.values().for_each(|member| each(member, look));
        }
        Value::Array(items) => items.iter().for_each(|item| each(item, look)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_something_and_every_component_is_referred_to() {
    let document = document().unwrap();
    let mut references = BTreeSet::new();
    each(&document, &mut |members| {
        references.extend(members.get("$ref").map(|reference| reference.as_str().unwrap().to_owned()));
    });
    for reference in &references {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys().filter(|_| kind != "securitySchemes") {
            assert!(references.contains(&format!("#/components/{kind}/{name}")), "{kind} {name}");
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_words() {
    let document = document().unwrap();
    let operations = all(&document);
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut names = BTreeSet::new();
    for (method, path, operation) in &operations {
        assert!(METHODS.contains(method), "{method} {path}");
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
        for words in ["summary", "description"] {
            assert!(!operation[words].as_str().unwrap().is_empty(), "{method} {path}");
        }
        assert!(tags.contains(&&operation["tags"][0]), "{method} {path}");
    }
    assert_eq!(operations.len(), super::operations().len());
}

#[test]
fn every_variable_of_a_path_is_declared_once() {
    let document = document().unwrap();
    for (method, path, operation) in all(&document) {
        let parameters = operation["parameters"].as_array().unwrap().iter();
        let parameters = parameters.map(|parameter| {
            document.pointer(parameter["$ref"].as_str().unwrap().strip_prefix('#').unwrap()).unwrap()
        });
        let variables = parameters.filter(|parameter| parameter["in"] == "path");
        let declared: Vec<String> =
            variables.map(|variable| format!("{{{}}}", variable["name"].as_str().unwrap())).collect();
        let written: Vec<&str> = path.split('/').filter(|segment| segment.starts_with('{')).collect();
        assert_eq!(declared, written, "{method} {path}");
    }
}

#[test]
fn only_routes_that_ask_who_is_calling_want_a_token_and_say_401_and_403() {
    let document = document().unwrap();
    for (method, path, operation) in all(&document) {
        let public = matches!(
            operation["tags"][0].as_str(),
            Some("Visits" | "Console" | "Documentation" | "Sessions")
        ) && !path.contains("/open/")
            && path != "/-/session";
        let members = json!([{ "bearerAuth": [] }, { "providerApiKey": [] }, { "sessionCookie": [] }]);
        let expected = if public { json!([]) } else { members };
        assert_eq!(operation["security"], expected, "{method} {path}");
        // Routes under `/-/` require no membership. Some of these routes return 403 for another reason, so 403 is not
        // checked for them.
        let statuses: &[&str] = if path.starts_with("/-/") { &["401"] } else { &["401", "403"] };
        for status in statuses {
            assert_eq!(operation["responses"].get(*status).is_none(), public, "{method} {path} {status}");
        }
    }
}

#[test]
fn every_problem_stands_at_its_own_status_in_its_own_words() {
    let document = document().unwrap();
    let known = &document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    let mut shown = BTreeSet::new();
    let other = json!({ "405": document["components"]["responses"]["Other"] });
    let operations = all(&document).into_iter().map(|(_, path, operation)| (path, &operation["responses"]));
    for (path, responses) in operations.chain([("any", &other)]) {
        for (status, response) in responses.as_object().unwrap() {
            let examples = response["content"]["application/problem+json"]["examples"].as_object();
            for (name, example) in examples.into_iter().flatten() {
                let problem = &example["value"];
                assert_eq!(problem["status"].to_string(), *status, "{path} {name}");
                let code = problem["code"].as_str().unwrap();
                assert!(name.starts_with(code), "{path} {name}");
                assert!(
                    response["description"].as_str().unwrap().contains(&format!("`{code}`")),
                    "{path} {name}"
                );
                assert_eq!(example["summary"], problem["detail"], "{path} {name}");
                shown.insert(code);
            }
        }
    }
    assert_eq!(json!(shown), *known);
}

#[test]
fn head_is_answered_as_get_is_but_without_a_body() {
    let document = document().unwrap();
    for (method, path, operation) in all(&document).into_iter().filter(|(method, ..)| *method == "head") {
        let statuses = |operation: &Value| -> Vec<String> {
            operation["responses"].as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(statuses(operation), statuses(&document["paths"][path]["get"]), "{method} {path}");
        each(&operation["responses"], &mut |members| assert!(!members.contains_key("content"), "{path}"));
    }
}

#[test]
fn the_schemas_know_what_a_link_is_made_of() {
    let document = document().unwrap();
    let members = |schema: &str| -> BTreeSet<String> {
        let schema = &document["components"]["schemas"][schema];
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    };
    let link = &document["components"]["examples"]["link"]["value"];
    let names: BTreeSet<String> = link.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 17);
    // In a list with `include=clicks`, each link also has `clicks` and `bots`.
    let with_clicks: BTreeSet<String> =
        names.iter().cloned().chain(["clicks", "bots"].map(str::to_owned)).collect();
    assert_eq!(members("Link"), with_clicks);
    let schemas = &document["components"]["schemas"];
    let required: BTreeSet<&str> =
        schemas["Link"]["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(required.len(), 17);

    // A rename and a hand-over would change what the examples of other operations refer to.
    let others = ["id", "creator_user_id"].map(str::to_owned);
    for (schema, example, missing) in
        [("NewLink", "new_link_with_all", &[][..]), ("LinkEdit", "edit_of_all", &others)]
    {
        let sent = &document["components"]["examples"][example]["value"];
        let sent = sent.as_object().unwrap().keys().chain(missing).cloned().collect();
        assert_eq!(members(schema), sent, "{schema}");
        assert_eq!(schemas[schema]["additionalProperties"], false);
    }
    assert_eq!(schemas["NewLink"]["required"], json!(["url"]));
    assert!(schemas["LinkEdit"].get("required").is_none());
}
