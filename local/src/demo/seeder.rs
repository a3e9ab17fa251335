//! Runs the product's own functions with past times as their clock.

use super::HANDLE;
use super::link::DemoLink;
use super::visits::{self, Visits};
use crate::functions::Function;
use crate::gateway::Parts;
use crate::issuer::Issuer;
use crate::routes::Route;
use crate::stack::sdk_config;
use crate::subscription;
use crate::users::{ACME, User};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, REFERER, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use create::Create;
use handle::Handles;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::{Body, Response};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use shared::clicks::ClickLog;
use shared::error::ApiError;
use shared::http::{Request, respond_to_visitor};
use shared::lambda::{HttpLambda, Lambda, Services, TIMEOUT};
use shared::model::{LinkKey, Slug, Timestamp};
use shared::settings::{Error, Settings};
use std::sync::{Arc, Mutex};
use tally::Tally;
use update::Update;

/// How long the tokens of creators are valid, in minutes.
const TOKEN_MINUTES: i64 = 5;
/// The maximum number of attempts for a request.
const MAX_ATTEMPTS: u32 = 10;
const COUNTRY: HeaderName = HeaderName::from_static("cloudfront-viewer-country");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Creates links and clicks that are dated in the past.
///
/// The seeder has its own instances of the functions, because the caches of the running stack's instances depend on the
/// current time.
pub struct Seeder {
    issuer: Issuer,
    settings: Settings,
    create: Create,
    update: Update,
    handles: Handles,
    tally: Tally,
}

impl Seeder {
    /// Returns a seeder whose functions have these settings and accept tokens from `issuer`.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn new(issuer: &Issuer, settings: Settings) -> Result<Self, Error> {
        let own = [
            // Without a CDN's headers, a visitor's country would be unknown.
            ("TRUST_CDN_HEADERS", "true"),
            // No caller sees the short URLs in these responses. A short URL of the root organization needs no
            // handle, which saves a read.
            ("ROOT_ORG", ACME.id),
        ];
        let settings = settings.overridden_by(own.into_iter().collect());
        let services = Services::new(sdk_config(&settings.text("AWS_ENDPOINT_URL_DYNAMODB")?));
        Ok(Self {
            issuer: issuer.clone(),
            create: Create::from_settings(&settings, &services)?,
            update: Update::from_settings(&settings, &services)?,
            handles: Handles::from_settings(&settings, &services)?,
            tally: Tally::from_settings(&settings, &services)?,
            settings,
        })
    }

    /// Gives Acme its handle.
    ///
    /// # Errors
    /// The function returned an error. Returns the reason as a sentence.
    pub async fn claim_handle(&self, by: &User, now: Timestamp) -> Result<(), String> {
        let path = format!("/{}/-/handle", ACME.id);
        self.send(by, Method::PUT, &path, &json!({ "handle": HANDLE }), None, now).await.map(drop)
    }

    /// Creates a link, counts its clicks, and switches it off if the demo says so. `number` is the link's number in the
    /// demo.
    ///
    /// # Errors
    /// A function returned an error. Returns the reason as a sentence.
    pub async fn seed(&self, link: &DemoLink, number: u64, seed: u64, now: Timestamp) -> Result<(), String> {
        let creator = link.creator()?;
        let path = format!("/{}/link", ACME.id);
        // A generated slug is derived from the idempotency key, so it is always the same.
        let key = format!("demo-{seed}-{number}");
        let created = self
            .send(creator, Method::POST, &path, &link.body(now), Some(&key), link.created_at(now))
            .await?;
        let text = |name: &str| created[name].as_str().unwrap_or_default().to_owned();
        let invalid = |_| format!("the demo's link '{}' is invalid", text("id"));
        let slug: Slug = text("id").parse().map_err(invalid)?;
        let path = format!("/{}/link/{slug}", ACME.id);
        if let Some(at) = link.switched_off_at(now) {
            self.send(creator, Method::PATCH, &path, &json!({ "enabled": false }), None, at).await?;
        }
        let key = LinkKey {
            org_id: ACME.id.parse().map_err(invalid)?,
            birth: text("birth").parse().map_err(invalid)?,
        };
        let visits = visits::draw(link, now, seed.wrapping_mul(1_000).wrapping_add(number));
        self.visit(link, &slug, &key, visits, now).await
    }

    /// Logs each click as `redirect` and `open` do, and passes all lines to `tally` in one delivery. A link's clicks
    /// of one day then need only one write. Unlike `redirect` and `open`, it does not read the link.
    async fn visit(
        &self,
        link: &DemoLink,
        slug: &Slug,
        key: &LinkKey,
        visits: Visits,
        now: Timestamp,
    ) -> Result<(), String> {
        let ([redirect, open], mut lines) = subscription::log_groups();
        let (group, path) = if link.is_members_only() {
            (open, format!("/{}/-/open/{slug}", ACME.id))
        } else {
            (redirect, format!("/@{HANDLE}/{slug}"))
        };
        let log =
            ClickLog::new(Arc::new(Mutex::new(group)), &self.settings).map_err(|error| error.to_string())?;
        for (visitor, times) in visits {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_static(visitor.user_agent));
            headers.insert(COUNTRY, HeaderValue::from_static(visitor.country));
            if let Some(referrer) = visitor.referrer {
                headers.insert(REFERER, HeaderValue::from_static(referrer));
            }
            let (event, _) = event(&Method::GET, &path, headers, b"", now)?;
            let click = async |request: Request| {
                if let Some(visit) = request.visit() {
                    times.iter().for_each(|at| log.click(&visit, key.clone(), slug.clone(), *at));
                }
                Ok(Response::new(Body::Empty))
            };
            respond_to_visitor(&event, now, TIMEOUT, click).await;
        }
        let mut events = Vec::new();
        let mut stream = "";
        while let Ok(line) = lines.try_recv() {
            stream = line.stream.0;
            events.push(json!({
                "id": format!("{:056}", events.len()),
                "timestamp": now.millis(),
                "message": line.text,
            }));
        }
        if events.is_empty() {
            return Ok(());
        }
        let delivery = subscription::event(stream, "demo", events).map_err(|error| error.to_string())?;
        let counted = self.tally.count(&delivery, now).await;
        counted.map(drop).map_err(|error| format!("the demo's clicks could not be counted: {error}"))
    }

    /// Sends a request as this user at the time `now`, and returns the body of the response.
    async fn send(
        &self,
        user: &User,
        method: Method,
        path: &str,
        body: &Value,
        idempotency_key: Option<&str>,
        now: Timestamp,
    ) -> Result<Value, String> {
        let token = self.issuer.mint(user, None, now, TOKEN_MINUTES)?;
        let mut headers = HeaderMap::new();
        let value = |text: &str| HeaderValue::from_str(text).map_err(|error| error.to_string());
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        headers.insert(AUTHORIZATION, value(&format!("Bearer {token}"))?);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, value(key)?);
        }
        let (event, function) = event(&method, path, headers, body.to_string().as_bytes(), now)?;
        let mut answer = self.invoke(function, &event, now).await;
        // On a busy machine the store may respond too late. Each of these requests can be repeated.
        for _ in 1..MAX_ATTEMPTS {
            if answer.status_code != 503 {
                break;
            }
            answer = self.invoke(function, &event, now).await;
        }
        let text = answer.body.unwrap_or_default();
        if !(200..300).contains(&answer.status_code) {
            let text = String::from_utf8_lossy(&text);
            return Err(format!("the demo could not be filled: {method} {path} returned {text}"));
        }
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    }

    /// Invokes a function that changes data. No audit log line is written, so that the running stack's log begins with
    /// the changes of its users.
    async fn invoke(&self, function: Function, event: &RawValue, now: Timestamp) -> ApiGatewayV2httpResponse {
        respond_to_visitor(event, now, TIMEOUT, async |request| match function {
            Function::Create => self.create.handle(request, now).await,
            Function::Update => self.update.handle(request, now).await,
            Function::Handle => self.handles.handle(request, now).await,
            _ => Err(ApiError::NotFound),
        })
        .await
    }
}

/// Returns the event that the gateway would create for a request, and the function that handles this event.
fn event(
    method: &Method,
    path: &str,
    headers: HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(Box<RawValue>, Function), String> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let (route, variables) = Route::find(method.as_str(), &segments);
    let parts = Parts {
        route,
        method: method.as_str(),
        variables: &variables,
        path,
        query: "",
        headers: &headers,
        body,
    };
    let event = to_raw_value(&parts.event(now)).map_err(|error| error.to_string())?;
    Ok((event, route.function))
}
