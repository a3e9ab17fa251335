//! The routes, as in `template.yaml`. A test compares them with the template.

use crate::functions::Function;

/// A route of the HTTP API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method; `ANY` for [`Route::DEFAULT`].
    pub method: &'static str,
    /// The path, with variables in braces; `$default` for [`Route::DEFAULT`].
    pub path: &'static str,
    /// The function that handles the route.
    pub function: Function,
}

const fn route(method: &'static str, path: &'static str, function: Function) -> Route {
    Route { method, path, function }
}

/// All routes; the default route is the last one.
pub const ROUTES: [Route; 26] = [
    route("POST", "/{org_id}/link", Function::Create),
    route("GET", "/{org_id}/link", Function::List),
    route("GET", "/{org_id}/link/{slug}", Function::Read),
    route("GET", "/{org_id}/link/{slug}/qr", Function::Read),
    route("GET", "/{org_id}/link/{slug}/clicks", Function::Stats),
    route("PATCH", "/{org_id}/link/{slug}", Function::Update),
    route("DELETE", "/{org_id}/link/{slug}", Function::Delete),
    route("GET", "/{org_id}/-/history", Function::History),
    route("POST", "/{org_id}/-/history/{record}/undo", Function::History),
    route("POST", "/{org_id}/-/import", Function::Import),
    route("PUT", "/{org_id}/-/handle", Function::Handle),
    route("GET", "/{org_id}/-/handle", Function::Handle),
    route("GET", "/{org_id}/-/clicks", Function::Stats),
    route("GET", "/{org_id}/-/open/{slug}", Function::Open),
    route("HEAD", "/{org_id}/-/open/{slug}", Function::Open),
    route("GET", "/", Function::Console),
    route("HEAD", "/", Function::Console),
    route("GET", "/-/sign-in", Function::Session),
    route("GET", "/-/callback", Function::Session),
    route("GET", "/-/session", Function::Session),
    route("POST", "/-/sign-out", Function::Session),
    route("GET", "/docs", Function::Docs),
    route("HEAD", "/docs", Function::Docs),
    route("GET", "/openapi.json", Function::Docs),
    route("HEAD", "/openapi.json", Function::Docs),
    Route::DEFAULT,
];

impl Route {
    /// The route of all requests that do not match another route.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
    pub const DEFAULT: Self = route("ANY", "$default", Function::Redirect);

    /// Returns the route of a request and the values of its variables, decoded once. A literal segment takes precedence
    /// over a variable, and a variable does not match an empty segment.
    pub fn find<'a>(method: &str, segments: &[&'a str]) -> (Self, Vec<(&'static str, &'a str)>) {
        let fitting = ROUTES.iter().filter(|route| route.method == method);
        let fitting = fitting.filter_map(|route| Some((*route, route.variables(segments)?)));
        fitting.min_by_key(|(_, variables)| variables.len()).unwrap_or((Self::DEFAULT, Vec::new()))
    }

    fn variables<'a>(&self, segments: &[&'a str]) -> Option<Vec<(&'static str, &'a str)>> {
        let pattern: Vec<&str> = self.path.split('/').skip(1).collect();
        if pattern.len() != segments.len() {
            return None;
        }
        let mut variables = Vec::new();
        for (part, segment) in pattern.into_iter().zip(segments) {
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(name) if !segment.is_empty() => variables.push((name, *segment)),
                None if part == *segment => {}
                _ => return None,
            }
        }
        Some(variables)
    }

    /// Returns the route's key in API Gateway: `GET /{org_id}/link`, or `$default`.
    pub fn key(&self) -> String {
        if *self == Self::DEFAULT { self.path.to_owned() } else { format!("{} {}", self.method, self.path) }
    }
}
