use super::{Item, LinkStore, StoreError, attribute, is_written_by, item, text};
use crate::model::{Link, NewLink, OrgId, Slug};
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemInput};
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

/// How many slugs are tried before a create gives up: with 31^8 drawn slugs, never.
const TRIES: usize = 32;

/// What a link keeps of the request that made it, so that the same request is known when it comes again. No edit
/// changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMark {
    /// What the client called the request by; only a hash of it.
    pub key: String,
    /// What the request asked for; only a hash of it.
    pub hash: String,
}

/// A link that is there because of a create.
#[derive(Debug)]
pub enum Created {
    /// It was made just now.
    New(Link),
    /// The same request made it before; the link as it is now.
    Before(Link),
}

/// Why no link was made.
#[derive(Debug)]
pub enum CreateError {
    /// None of the slugs that were wanted is free.
    SlugTaken,
    /// A request of the same key, with another hash, made a link before.
    KeyReused,
    /// The store did not do as asked; the link may or may not have been made.
    Store(StoreError),
}

impl LinkStore {
    /// Makes a link under the first free one of `slugs`.
    ///
    /// The write bears a random id of its own, the same in each of the client's retries: where a first try was
    /// applied but its answer lost, the second finds the item it wrote itself and knows that it succeeded.
    ///
    /// # Errors
    /// [`CreateError::SlugTaken`] where `slugs` end before a free one; of slugs that do not end, so many that none is
    /// free, is [`StoreError::NoFreeSlug`].
    pub async fn create(
        &self,
        org: &OrgId,
        new: &NewLink,
        mark: Option<&RequestMark>,
        slugs: impl IntoIterator<Item = Slug>,
    ) -> Result<Created, CreateError> {
        let write_id = nanoid::nanoid!();
        let mut tries = 0;
        for slug in slugs {
            tries += 1;
            if tries > TRIES {
                return Err(CreateError::Store(StoreError::NoFreeSlug));
            }
            let link = first_version(org, slug, new);
            let mut item = item::of(&link, &write_id);
            if let Some(mark) = mark {
                item.insert(attribute::REQUEST_KEY.to_owned(), text(&mark.key));
                item.insert(attribute::REQUEST_HASH.to_owned(), text(&mark.hash));
            }
            let put = PutItemInput::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(#id)")
                .expression_attribute_names("#id", attribute::ID)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            let Err(error) = self.dynamodb.send(put).await else { return Ok(Created::New(link)) };
            let Some(PutItemError::ConditionalCheckFailedException(taken)) = error.as_service_error() else {
                return Err(CreateError::Store(error.into()));
            };
            if is_written_by(taken.item(), &write_id) {
                return Ok(Created::New(link));
            }
            // An occupant that is no answer to this very request is passed by.
            let same =
                |name, value: &String| taken.item().and_then(|item| item.get(name)) == Some(&text(value));
            let Some((mark, occupant)) = mark.zip(taken.item()) else { continue };
            if same(attribute::REQUEST_KEY, &mark.key) {
                if !same(attribute::REQUEST_HASH, &mark.hash) {
                    return Err(CreateError::KeyReused);
                }
                return Item(occupant).link().map(Created::Before).map_err(CreateError::Store);
            }
        }
        Err(CreateError::SlugTaken)
    }
}

fn first_version(org: &OrgId, id: Slug, new: &NewLink) -> Link {
    Link {
        org_id: org.clone(),
        id,
        url: new.url.clone(),
        title: new.title.clone(),
        tags: new.tags.clone(),
        access: new.access,
        enabled: new.enabled,
        expires_at: new.expires_at,
        creator_user_id: new.creator_user_id.clone(),
        created_at: new.created_at,
        updated_at: new.created_at,
        version: 1,
    }
}
