//! `POST /{org_id}/-/import`: makes links from a file that another link shortener exported, or from a plain table.
//!
//! Each row makes one link, whoever sends it and however often. So an import can stop anywhere and be sent again. Each
//! request plans all rows of the file, because a row's result depends on the others. For example, if two rows claim one
//! slug for different destinations, both are in conflict.

mod batch;
mod claims;
mod decision;
pub mod file;
mod in_order;
mod options;
mod plan;
mod result;
mod run;

use batch::Batch;
use decision::decide;
use lambda_http::{Body, Response};
use options::Options;
use plan::Rules;
use run::Run;
use shared::error::ApiError;
use shared::http::{Authenticator, ImportBody, Request, ShortUrls, SummaryBody, json};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::{SlugGenerator, Tag, TargetRules, Timestamp};
use shared::settings::{Error, Settings};
use shared::store::{ChangeStore, LinkStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Import {
    callers: Authenticator,
    links: Arc<LinkStore>,
    changes: Arc<ChangeStore>,
    slugs: SlugGenerator,
    targets: TargetRules,
    short_urls: ShortUrls,
}

impl Lambda for Import {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            changes: services.changes(settings)?,
            slugs: settings.slugs()?,
            targets: settings.targets()?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.changes.prime_change().await;
    }
}

impl HttpLambda for Import {
    /// New rows are started only in the first 20 s. The rest is for finishing the rows that were started. API Gateway
    /// waits 30 s.
    const TIMEOUT: Duration = Duration::from_secs(29);

    /// Imports rows of the file in the body, and returns what happened to each of them.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; a query parameter is unknown or
    /// breaks a rule; the file is too large, or cannot be read; the store fails before the first row is done. After any
    /// error the same request can be sent again: no row becomes two links.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let started = Instant::now();
        let member = self.callers.member(&request, now).await?;

        let options = Options::from_request(&request)?;
        let file = file::read(request.file()?, options.format);
        let file = file.map_err(|reason| ApiError::UnreadableFile(reason.to_string()))?;
        let import = match &options.import {
            None if options.dry_run => None,
            None => Some(Tag::draw_for_import(now)),
            Some(import) => Some(import.clone()),
        };
        request.record_import(import.as_ref().filter(|_| !options.dry_run));
        let rules = Rules {
            org: &member.org_id,
            targets: &self.targets,
            own_hosts: &self.short_urls.own_hosts(&request),
            short_urls: &self.short_urls,
            options: &options,
            import: import.as_ref(),
            now,
        };
        let batch = Batch::new(&file.rows, &rules);
        let decisions = decide(&batch, &rules, &self.links, &self.changes).await?;
        let short_base = &self.short_urls.base(&member.org_id, &request, &self.links, now).await;
        let run = Run { function: self, member: &member, rules: &rules, short_base, started };
        let results = run.results(&batch, &decisions).await?;

        let body = ImportBody {
            format: file.source.as_str(),
            dry_run: options.dry_run,
            rows: file.rows.len(),
            ignored: file.ignored,
            summary: SummaryBody::new(&results),
            next: batch.next(&file.rows, results.len()),
            results,
            import,
        };
        json(Response::builder(), &body)
    }
}
