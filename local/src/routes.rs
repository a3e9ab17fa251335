//! The routes, as `template.yaml` has them; a test holds the two equal.

use crate::functions::Function;

/// A route of the HTTP API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, its variables in braces.
    pub path: &'static str,
    /// The function that answers.
    pub function: Function,
}

const fn route(method: &'static str, path: &'static str, function: Function) -> Route {
    Route { method, path, function }
}

/// All routes. Whatever is none of them is answered as API Gateway answers it: 404.
pub const ROUTES: [Route; 19] = [
    route("POST", "/{org_id}/link", Function::Create),
    route("GET", "/{org_id}/link", Function::List),
    route("GET", "/{org_id}/link/{slug}", Function::Read),
    route("GET", "/{org_id}/link/{slug}/qr", Function::Read),
    route("GET", "/{org_id}/link/{slug}/clicks", Function::Stats),
    route("PATCH", "/{org_id}/link/{slug}", Function::Update),
    route("DELETE", "/{org_id}/link/{slug}", Function::Delete),
    route("PUT", "/{org_id}/-/handle", Function::Handle),
    route("GET", "/{org_id}/-/handle", Function::Handle),
    route("GET", "/{org_id}/-/open/{slug}", Function::Open),
    route("HEAD", "/{org_id}/-/open/{slug}", Function::Open),
    route("GET", "/docs", Function::Docs),
    route("HEAD", "/docs", Function::Docs),
    route("GET", "/openapi.json", Function::Docs),
    route("HEAD", "/openapi.json", Function::Docs),
    route("GET", "/{slug}", Function::Redirect),
    route("HEAD", "/{slug}", Function::Redirect),
    route("GET", "/{org_id}/{slug}", Function::Redirect),
    route("HEAD", "/{org_id}/{slug}", Function::Redirect),
];

impl Route {
    /// The route for a request and what its variables stand for, each decoded once. A literal segment goes before a
    /// variable, and no variable stands for nothing.
    pub fn find<'a>(method: &str, segments: &[&'a str]) -> Option<(Self, Vec<(&'static str, &'a str)>)> {
        let fitting = ROUTES.iter().filter(|route| route.method == method);
        let fitting = fitting.filter_map(|route| Some((*route, route.variables(segments)?)));
        fitting.min_by_key(|(_, variables)| variables.len())
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

    /// What API Gateway calls the route: `GET /{org_id}/link`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
