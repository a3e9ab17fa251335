use crate::problems;
use crate::reference::reference;
use serde_json::{Map, Value, json};
use shared::error::ApiError;
use std::collections::BTreeMap;

/// An operation of the OpenAPI document.
pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    /// The name of the operation's function, with a suffix if the function has several routes.
    pub id: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    pub description: String,
    pub who: Who,
    /// The component names of parameters that are not in the path.
    pub parameters: &'static [&'static str],
    pub body: Option<Value>,
    /// The successful responses, by status.
    pub success: Vec<(u16, Value)>,
    pub problems: Vec<ApiError>,
}

/// Who can call the operation, and with which kind of client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Members of an organization: programs send a token, and our pages send the session cookie.
    Members,
    /// Members of an organization. They can also open the URL in a browser.
    MembersByBrowser,
    /// Anyone with a token or a session, whether or not they belong to an organization.
    SignedIn,
    /// Anyone, including a browser that opens the URL.
    AnyoneByBrowser,
    /// Anyone.
    Anyone,
}

/// Statuses that API Gateway itself can also return, with its own body.
const OF_THE_GATEWAY: [u16; 4] = [413, 429, 500, 503];
/// Statuses for which a browser gets an HTML page.
const WITH_A_PAGE: [u16; 5] = [401, 403, 404, 410, 503];

impl Operation {
    /// Returns the Operation Object.
    pub fn to_json(&self) -> Value {
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": self.description,
            "parameters": self.all_parameters(),
            "responses": self.responses(),
            "security": match self.who {
                Who::Members | Who::MembersByBrowser | Who::SignedIn => {
                    json!([{ "bearerAuth": [] }, { "providerApiKey": [] }, { "sessionCookie": [] }])
                }
                Who::AnyoneByBrowser | Who::Anyone => json!([]),
            },
        });
        if let (Some(operation), Some(body)) = (operation.as_object_mut(), &self.body) {
            operation.insert("requestBody".to_owned(), body.clone());
        }
        operation
    }

    fn all_parameters(&self) -> Vec<Value> {
        let variables = self.path.split('/').filter_map(|segment| match segment {
            // A visitor's path can contain a handle instead of the id.
            "{org_id}" if self.who == Who::AnyoneByBrowser => Some("org_id_or_handle"),
            _ => segment.strip_prefix('{')?.strip_suffix('}'),
        });
        let names = variables.chain(self.parameters.iter().copied());
        names.map(|name| reference("parameters", name)).collect()
    }

    fn responses(&self) -> Map<String, Value> {
        let success = self.success.iter().map(|(status, response)| (status.to_string(), response.clone()));
        let mut by_status: BTreeMap<u16, Vec<&ApiError>> = BTreeMap::new();
        for problem in &self.problems {
            by_status.entry(problem.status().as_u16()).or_default().push(problem);
        }
        let problems =
            by_status.iter().map(|(status, problems)| (status.to_string(), self.problem(*status, problems)));
        let other = reference("responses", "Other");
        success.chain(problems).chain([("default".to_owned(), other)]).collect()
    }

    /// Returns the response for all errors with one status.
    fn problem(&self, status: u16, problems: &[&ApiError]) -> Value {
        let mut codes: Vec<&str> = problems.iter().map(|problem| problem.code()).collect();
        codes.dedup();
        let title = problems.first().map_or("", |problem| problem.title());
        let headers = problems.iter().filter_map(|problem| problem.header()).map(|(name, value)| {
            let example = value.to_str().unwrap_or_default();
            (name.to_string(), json!({ "schema": { "type": "string" }, "example": example }))
        });
        let mut response = json!({
            "description": format!("{title}: `{}`", codes.join("`, `")),
            "headers": headers.collect::<Map<_, _>>(),
        });
        if let Some(response) = response.as_object_mut().filter(|_| self.method != "HEAD") {
            response.insert("content".to_owned(), self.content(status, problems).into());
        }
        response
    }

    fn content(&self, status: u16, problems: &[&ApiError]) -> Map<String, Value> {
        let examples = problems.iter().enumerate().map(|(index, problem)| {
            // Several problems can have the same code, with different sentences.
            let same = problems.iter().take(index).filter(|other| other.code() == problem.code()).count();
            let name = if same == 0 {
                problem.code().to_owned()
            } else {
                format!("{}_{}", problem.code(), same + 1)
            };
            (name, problems::example(problem))
        });
        let problem = json!({
            "schema": reference("schemas", "Problem"),
            "examples": examples.collect::<Map<_, _>>(),
        });
        let mut content = Map::from_iter([("application/problem+json".to_owned(), problem)]);
        if OF_THE_GATEWAY.contains(&status) {
            let gateway = json!({ "schema": reference("schemas", "GatewayMessage") });
            content.insert("application/json".to_owned(), gateway);
        }
        if matches!(self.who, Who::MembersByBrowser | Who::AnyoneByBrowser) && WITH_A_PAGE.contains(&status) {
            content.insert("text/html".to_owned(), json!({ "schema": { "type": "string" } }));
        }
        content
    }
}
