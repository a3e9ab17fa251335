//! The steps of a run, and how they are drawn.

use super::model::{EXPIRIES, HANDLES, KEYS, SLUGS};
use super::people::{ORGS, USERS};
use crate::support::faulty::Fault;
use proptest::prelude::*;
use proptest::sample::select;

/// The user of a step.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// Any user, whatever their role.
    Anyone(usize),
    /// The link's creator, or an admin if the link does not exist.
    Author,
    /// A member who is not an admin and did not create the link.
    Colleague,
    /// An admin.
    Manager,
}

/// The link of a step.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// The slug at this index in the list of chosen slugs.
    Chosen(usize),
    /// The existing link at this index, modulo the number of existing links.
    There(usize),
    /// The link with the most aliases.
    MostRenamed,
    /// The existing alias at this index, modulo the number of existing aliases.
    Alias(usize),
}

/// The new slug of a link that is renamed.
#[derive(Debug, Clone, Copy)]
pub enum NewSlug {
    /// The slug at this index in the list of chosen slugs. It is often taken.
    Chosen(usize),
    /// A chosen slug that is free, unless all are taken.
    Free,
    /// The link's own alias at this index (modulo the number of aliases), if the link has an alias.
    OwnAlias(usize),
}

/// The fields that an edit sends. Numbers are indexes into the lists of `model` and `people`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patch {
    pub slug: Option<NewSlug>,
    pub url: Option<usize>,
    pub creator: Option<usize>,
    pub expiry: Option<Option<usize>>,
}

/// The action of a step. Numbers are indexes into the lists of `model` and `people`.
#[derive(Debug, Clone)]
pub enum Action {
    Create {
        slug: Option<usize>,
        key: Option<usize>,
        url: usize,
    },
    Read,
    QrCode,
    Stats,
    Redirect,
    RedirectByHandle {
        handle: usize,
    },
    Open,
    List,
    /// Lists links from the cursor that a list returned most recently.
    ListFrom,
    Update {
        patch: Patch,
        version: Precondition,
    },
    /// Deletes the link, or only the alias if the request's slug is an alias.
    Delete {
        version: Precondition,
    },
    /// Undoes one of the newest changes. The index wraps around.
    Undo {
        change: usize,
    },
    Claim {
        handle: usize,
    },
    /// Claims a handle that no organization has, unless every handle is taken.
    ClaimAnother,
    Handles,
}

/// The version in `If-Match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    Any,
    Current,
    /// The previous version, or the next one.
    Other,
    /// A version of an earlier link with the same slug.
    OfEarlierLink,
}

/// Concurrent actions.
#[derive(Debug, Clone)]
pub enum Race {
    /// Creates one slug in all organizations, three times in each.
    Creates { slug: usize },
    /// Sends the same request with the same key four times.
    Replays { key: usize, url: usize },
    /// Edits one version four times, while a colleague tries to edit and delete the link.
    Edits { slug: Which },
    /// Deletes one link four times, while a colleague tries the same.
    Deletes { slug: Which },
    /// Renames a link to a slug three times. At the same time, three requests create a link with this slug.
    Renames { slug: Which, new: usize },
    /// Every organization claims the same handle, twice.
    Claims { handle: usize },
    /// One organization claims two handles, twice each.
    TwoClaims { handles: [usize; 2] },
}

#[derive(Debug, Clone)]
pub enum Step {
    /// One action by a user in an organization, with these faults after a number of successful store calls.
    One {
        who: Who,
        org: usize,
        slug: Which,
        action: Action,
        spared: usize,
        faults: Vec<Fault>,
        of_transaction: Option<Fault>,
    },
    Many {
        org: usize,
        race: Race,
        faults: Vec<Fault>,
        of_transaction: Option<Fault>,
    },
}

fn action() -> impl Strategy<Value = Action> {
    let wanted = || {
        select(vec![
            Precondition::Any,
            Precondition::Current,
            Precondition::Other,
            Precondition::OfEarlierLink,
        ])
    };
    let url = 0..3_usize;
    let (slug, key) = (prop::option::of(0..SLUGS.len()), prop::option::of(0..KEYS.len()));
    prop_oneof![
        6 => (slug, key, url.clone()).prop_map(|(slug, key, url)| Action::Create { slug, key, url }),
        // A retry is a replay only if the request is exactly the same, which rarely happens at random.
        3 => Just(Action::Create { slug: None, key: Some(0), url: 0 }),
        1 => Just(Action::Read),
        1 => Just(Action::QrCode),
        1 => Just(Action::Stats),
        1 => Just(Action::Redirect),
        1 => (0..HANDLES.len()).prop_map(|handle| Action::RedirectByHandle { handle }),
        1 => Just(Action::Open),
        1 => Just(Action::List),
        1 => Just(Action::ListFrom),
        12 => (patch(), wanted()).prop_map(|(patch, version)| Action::Update { patch, version }),
        5 => wanted().prop_map(|version| Action::Delete { version }),
        7 => (0..6_usize).prop_map(|change| Action::Undo { change }),
        2 => (0..HANDLES.len()).prop_map(|handle| Action::Claim { handle }),
        1 => Just(Action::ClaimAnother),
        1 => Just(Action::Handles),
    ]
}

fn patch() -> impl Strategy<Value = Patch> {
    let slug = || {
        prop_oneof![
            2 => (0..SLUGS.len()).prop_map(NewSlug::Chosen),
            6 => Just(NewSlug::Free),
            2 => (0..5_usize).prop_map(NewSlug::OwnAlias),
        ]
    };
    let expiry = prop::option::of(0..EXPIRIES.len());
    let all = (
        prop::option::of(slug()),
        prop::option::of(0..3_usize),
        prop::option::of(0..USERS.len()),
        prop::option::of(expiry.clone()),
    );
    prop_oneof![
        3 => (0..3_usize).prop_map(|url| Patch { url: Some(url), ..Patch::default() }),
        6 => slug().prop_map(|slug| Patch { slug: Some(slug), ..Patch::default() }),
        2 => (0..USERS.len()).prop_map(|user| Patch { creator: Some(user), ..Patch::default() }),
        1 => expiry.prop_map(|expiry| Patch { expiry: Some(expiry), ..Patch::default() }),
        2 => all.prop_map(|(slug, url, creator, expiry)| Patch { slug, url, creator, expiry }),
    ]
}

/// An admin's action on an alias, or on the link with the most aliases. Aliases appear, and undos conflict with later
/// changes, only after many successful actions on one link.
fn favored() -> impl Strategy<Value = (Who, usize, Which, Action)> {
    let version = Precondition::Any;
    let rename = Patch { slug: Some(NewSlug::Free), ..Patch::default() };
    let by_alias = prop_oneof![
        Just(Action::Redirect),
        Just(Action::Open),
        Just(Action::Read),
        Just(Action::Stats),
        patch().prop_map(move |patch| Action::Update { patch, version }),
        Just(Action::Delete { version }),
    ];
    let alias = (0..60_usize).prop_map(Which::Alias);
    let chosen = prop_oneof![
        3 => Just((Which::MostRenamed, Action::Update { patch: rename, version })),
        3 => (alias, by_alias),
        1 => Just((Which::MostRenamed, Action::Delete { version })),
        4 => (0..5_usize).prop_map(|change| (Which::MostRenamed, Action::Undo { change })),
    ];
    chosen.prop_map(|(which, action)| (Who::Manager, 0, which, action))
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        1 => (0..USERS.len()).prop_map(Who::Anyone),
        1 => Just(Who::Author),
        2 => Just(Who::Colleague),
        2 => Just(Who::Manager),
    ]
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        1 => (0..SLUGS.len()).prop_map(Which::Chosen),
        3 => (0..60_usize).prop_map(Which::There),
        2 => Just(Which::MostRenamed),
        1 => (0..60_usize).prop_map(Which::Alias),
    ]
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = select(vec![
        Fault::LostAnswer,
        Fault::HalfAnswer,
        Fault::Broken,
        Fault::Refused(500, "InternalServerError"),
        Fault::Refused(400, "ThrottlingException"),
    ]);
    // If a write was applied but its response was lost, a retry could apply the write a second time.
    let applied = select(vec![vec![Fault::LostAnswer], vec![Fault::HalfAnswer]]);
    prop_oneof![4 => Just(Vec::new()), 2 => prop::collection::vec(fault, 1..4), 1 => applied]
}

/// Half of all transactions get a fault: a lost or incomplete response, or a conflict.
fn of_transaction() -> impl Strategy<Value = Option<Fault>> {
    let fault = select(vec![
        Fault::LostAnswer,
        Fault::HalfAnswer,
        Fault::Cancelled("TransactionConflict"),
        Fault::Refused(400, "TransactionInProgressException"),
    ]);
    prop::option::of(fault)
}

pub fn step() -> impl Strategy<Value = Step> {
    let race = prop_oneof![
        (0..SLUGS.len()).prop_map(|slug| Race::Creates { slug }),
        (0..KEYS.len(), 0..3_usize).prop_map(|(key, url)| Race::Replays { key, url }),
        which().prop_map(|slug| Race::Edits { slug }),
        which().prop_map(|slug| Race::Deletes { slug }),
        (which(), 0..SLUGS.len()).prop_map(|(slug, new)| Race::Renames { slug, new }),
        (0..HANDLES.len()).prop_map(|handle| Race::Claims { handle }),
        [0..HANDLES.len(), 0..HANDLES.len()].prop_map(|handles| Race::TwoClaims { handles }),
    ];
    // The first organization gets most of the steps, so that it reaches the maximum number of handles.
    let org = || prop_oneof![2 => Just(0), 1 => 1..ORGS.len()];
    let spared = prop_oneof![2 => Just(0), 1 => 1..3_usize];
    let drawn = prop_oneof![2 => (who(), org(), which(), action()), 1 => favored()];
    prop_oneof![
        9 => (drawn, spared, faults(), of_transaction()).prop_map(
            |((who, org, slug, action), spared, faults, of_transaction)| {
                Step::One { who, org, slug, action, spared, faults, of_transaction }
            }
        ),
        1 => (org(), race, faults(), of_transaction()).prop_map(
            |(org, race, faults, of_transaction)| Step::Many { org, race, faults, of_transaction }
        ),
    ]
}
