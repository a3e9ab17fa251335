//! Whether responses, and the clicks that they cause, match the model.

use super::calls::call;
use super::{Checked, DrawnAction, Play, holds};
use crate::support::Answer;
use crate::support::clicks::Batch;
use crate::tenants::model::{HANDLES, State};
use crate::tenants::people::{ORGS, host, manager};
use crate::tenants::steps::Action;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::BTreeSet;

impl Play {
    /// Checks that a response matches the model. `before` is the state before the action.
    pub(super) async fn shows(
        &mut self,
        drawn: &DrawnAction<'_>,
        before: &State,
        answer: &Answer,
    ) -> Checked {
        let DrawnAction { org, ref slug, action, .. } = *drawn;
        let seen = || answer.text.clone();
        match action {
            Action::Read => {
                let link = self.state.link(org, slug).unwrap();
                let is_current = answer.headers["etag"] == link.etag(link.version);
                holds(is_current && link.is_shown_by(&answer.body), seen)
            }
            Action::Redirect | Action::Open | Action::RedirectByHandle { .. } => {
                let org = self.owner_of(drawn).unwrap();
                let link = self.state.link(org, slug).unwrap();
                holds(answer.headers["location"] == link.url, seen)
            }
            Action::Claim { .. } | Action::ClaimAnother | Action::Handles => {
                holds(answer.body["handles"] == json!(self.state.handles(org)), seen)
            }
            Action::List => self.walks(org, answer).await,
            Action::ListFrom | Action::QrCode => Ok(()),
            Action::Stats => {
                let link = self.state.link(org, slug).unwrap();
                let clicks = self.clicks.get(&(ORGS[org].to_owned(), link.birth.clone()));
                holds(answer.body["total"] == *clicks.unwrap_or(&0), || {
                    format!("{clicks:?} clicks are expected: {}", answer.text)
                })
            }
            Action::Create { .. } | Action::Update { .. } | Action::Delete { .. } | Action::Undo { .. } => {
                let birth = answer.body["birth"].as_str().unwrap_or_default();
                let link = self.state.born(org, birth).or_else(|| before.born(org, birth));
                let etag = answer.headers.get("etag");
                let is_shown = link.is_some_and(|link| {
                    link.is_shown_by(&answer.body) && etag.is_none_or(|etag| *etag == link.etag(link.version))
                });
                holds(is_shown, || format!("{link:?} is shown as {} {}", json!(etag), answer.text))
            }
        }
    }

    /// Returns the organization of the link that an action is about. A slug under a handle belongs to the handle's
    /// organization.
    pub(super) fn owner_of(&self, drawn: &DrawnAction<'_>) -> Option<usize> {
        match drawn.action {
            Action::RedirectByHandle { handle } => self.state.owner(HANDLES[*handle]),
            _ => Some(drawn.org),
        }
    }

    /// Checks that a redirect wrote one click line, for the link's birth, and that other actions wrote none.
    pub(super) fn logs(&mut self, drawn: &DrawnAction<'_>, answer: &Answer) -> Checked {
        let lines: Vec<String> =
            std::iter::from_fn(|| self.lines.try_recv().ok().map(|line| line.text)).collect();
        let expected: Vec<(usize, &str)> = match self.owner_of(drawn) {
            Some(org) if answer.status == 302 => {
                vec![(org, self.state.link(org, &drawn.slug).unwrap().birth.as_str())]
            }
            _ => Vec::new(),
        };
        let parsed = lines.iter().map(|line| serde_json::from_str(line).unwrap()).map(|line: Value| {
            // A line without a birth names the link by its slug and creation time.
            let derived = || format!("{}#{}", line["id"].as_str().unwrap(), line["created_at"]);
            let birth = line["birth"].as_str().map_or_else(derived, str::to_owned);
            (line["org_id"].as_str().unwrap().to_owned(), birth)
        });
        let logged: Vec<(String, String)> = parsed.collect();
        let is_expected = logged
            .iter()
            .map(|(org, birth)| (org.as_str(), birth.as_str()))
            .eq(expected.iter().map(|(org, birth)| (ORGS[*org], *birth)));
        holds(is_expected, || format!("{lines:?} instead of lines for {expected:?}"))?;
        for link in logged {
            *self.clicks.entry(link).or_default() += 1;
        }
        self.uncounted.extend(lines);
        Ok(())
    }

    /// Counts the clicks that are not counted yet.
    pub(super) async fn count_clicks(&mut self) {
        if !self.uncounted.is_empty() {
            let batch = Batch::from_texts("stream", std::mem::take(&mut self.uncounted));
            self.batches += 1;
            batch.numbered(self.batches).deliver(&self.app).await;
        }
    }

    /// Walks a list from its first page to its end, as a member.
    async fn walks(&mut self, org: usize, first: &Answer) -> Checked {
        let mut body = first.body.clone();
        let mut slugs = Vec::new();
        loop {
            for shown in body["data"].as_array().unwrap() {
                let slug = shown["id"].as_str().unwrap();
                let link = self.state.link(org, slug);
                holds(link.is_some_and(|link| link.is_shown_by(shown)), || {
                    format!("{link:?} is listed as {shown}")
                })?;
                slugs.push(slug.to_owned());
            }
            let Some(cursor) = body["next_cursor"].as_str().map(str::to_owned) else { break };
            let call = call("list", manager(org), org).query(&format!("limit=2&cursor={cursor}"));
            self.cursor = Some((org, cursor));
            let answer = call.send_to(&self.functions, Timestamp::now()).await;
            is_discreet(Some(org), &answer)?;
            body = answer.body;
        }
        let there: BTreeSet<&String> = self.state.links_of(org).map(|link| &link.slug).collect();
        let whole = slugs.len() == there.len() && slugs.iter().collect::<BTreeSet<_>>() == there;
        holds(whole, || format!("{slugs:?} is listed of {there:?}"))
    }
}

/// Checks that a response in one organization contains no destination of another organization.
pub(super) fn is_discreet(org: Option<usize>, answer: &Answer) -> Checked {
    let all = format!("{} {}", answer.text, json!(answer.headers) as Value);
    let checked = (0..ORGS.len()).find(|other| Some(*other) != org && all.contains(host(*other)));
    checked.map_or(Ok(()), |other| Err(format!("of {} in {org:?}: {all}", ORGS[other])))
}
