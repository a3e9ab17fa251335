//! What a drawn step means in the current state.

use super::Play;
use crate::tenants::link::{Edit, Link, etag};
use crate::tenants::model::{EXPIRIES, HANDLES, SLUGS};
use crate::tenants::people::{USERS, manager, membership, url, user_id};
use crate::tenants::steps::{NewSlug, Patch, Precondition, Which, Who};

impl Play {
    pub(super) fn slug(&self, org: usize, which: Which) -> String {
        let links: Vec<&Link> = self.state.links_of(org).collect();
        let aliases: Vec<&String> = links.iter().flat_map(|link| &link.aliases).collect();
        match which {
            Which::There(number) if !links.is_empty() => links[number % links.len()].slug.clone(),
            Which::Alias(number) if !aliases.is_empty() => aliases[number % aliases.len()].clone(),
            Which::MostRenamed => {
                let most = links.iter().max_by_key(|link| link.aliases.len());
                most.map_or(SLUGS[0].to_owned(), |link| link.slug.clone())
            }
            Which::There(number) | Which::Alias(number) | Which::Chosen(number) => {
                SLUGS[number % SLUGS.len()].to_owned()
            }
        }
    }

    pub(super) fn user(&self, who: Who, org: usize, slug: &str) -> usize {
        let author = self.state.link(org, slug).map(|link| link.creator.as_str());
        let find = |fits: &dyn Fn(usize) -> bool| (0..USERS.len()).find(|user| fits(*user));
        match who {
            Who::Anyone(user) => user,
            Who::Author => find(&|user| author == Some(&user_id(user))).unwrap_or(manager(org)),
            Who::Colleague => {
                let plain = |user| membership(user, org) == Some(false) && author != Some(&user_id(user));
                find(&plain).unwrap()
            }
            Who::Manager => manager(org),
        }
    }

    pub(super) fn version(&self, org: usize, slug: &str, wanted: Precondition) -> Option<String> {
        let link = self.state.link(org, slug);
        let version = link.map_or(1, |link| link.version);
        let of_link = |version| link.map_or_else(|| etag(1, version), |link| link.etag(version));
        match wanted {
            Precondition::Any => None,
            Precondition::Current => Some(of_link(version)),
            Precondition::Other => Some(of_link(if version > 1 { version - 1 } else { version + 1 })),
            // A random birth distinguishes links that were created at the same time.
            Precondition::OfEarlierLink => Some(match link {
                Some(link) if !link.birth.contains('#') => etag(link.created_at, version),
                link => etag(link.map_or(1, |link| link.created_at - 1), version),
            }),
        }
    }

    /// Returns the values that an edit of this link sends.
    pub(super) fn edit(&self, org: usize, slug: &str, patch: &Patch) -> Edit {
        let link = self.state.link(org, slug);
        let new_slug = |new| match new {
            NewSlug::Chosen(number) => SLUGS[number].to_owned(),
            NewSlug::Free => {
                let free = SLUGS.iter().find(|slug| self.state.link(org, slug).is_none());
                (*free.unwrap_or(&SLUGS[0])).to_owned()
            }
            NewSlug::OwnAlias(number) => {
                let aliases: Vec<&String> = link.iter().flat_map(|link| &link.aliases).collect();
                aliases.get(number % aliases.len().max(1)).map_or(slug.to_owned(), |alias| (*alias).clone())
            }
        };
        Edit {
            slug: patch.slug.map(new_slug),
            url: patch.url.map(|number| url(org, number)),
            creator: patch.creator.map(user_id),
            expires_at: patch.expiry.map(|expiry| expiry.map(|number| EXPIRIES[number])),
        }
    }

    pub(super) fn another_handle(&self) -> &'static str {
        HANDLES.iter().find(|handle| self.state.owner(handle).is_none()).unwrap_or(&HANDLES[0])
    }
}
