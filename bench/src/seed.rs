//! Creates organizations of any size, in a store like the local stack's. Writing a million links one by one would take
//! an hour, so they are written into the engine's file before the engine starts.

use crate::Error;
use crate::dynamodb::item;
use crate::traffic::Traffic;
use dynoxide::{Database, ImportOptions, Item};
use local::engine::Engine;
use local::guard::AllowedHosts;
use local::stack::client;
use local::tables::{CLICKS, LINKS};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::PathBuf;
use std::{env, fs, process};

/// The number of links in one write.
const BATCH: u64 = 20_000;

/// An engine with the data of one organization, `crate::event::ORG`. Its file is deleted when this value is dropped.
pub struct Organization {
    engine: Option<Engine>,
    folder: PathBuf,
}

impl Organization {
    /// Creates an organization with this number of links, all without tags.
    pub async fn with_links(links: u64) -> Result<Self, Error> {
        let folder = env::temp_dir().join(format!("signpost-bench-{}-{links}", process::id()));
        fs::create_dir_all(&folder)?;
        let mut organization = Self { engine: None, folder };
        let engine = organization.start()?;
        LINKS.create(&client(&engine.url())).await?;
        CLICKS.create(&client(&engine.url())).await?;
        drop(engine);
        organization.seed(links)?;
        organization.engine = Some(organization.start()?);
        Ok(organization)
    }

    /// Creates an organization with links and a month of clicks on them.
    pub async fn with_traffic(traffic: Traffic) -> Result<Self, Error> {
        let mut organization = Self::with_links(traffic.links).await?;
        organization.engine = None;
        let database = organization.open()?;
        for day in traffic.days() {
            database.import_items(CLICKS.name, traffic.items(day)?, ImportOptions::default())?;
        }
        database.disable_bulk_loading()?;
        drop(database);
        organization.engine = Some(organization.start()?);
        Ok(organization)
    }

    /// The engine's URL.
    pub fn url(&self) -> String {
        self.engine.as_ref().map(Engine::url).unwrap_or_default()
    }

    fn start(&self) -> Result<Engine, Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        Ok(Engine::start(listener, Some(&self.folder.join("links.db")), AllowedHosts::default())?)
    }

    fn open(&self) -> Result<Database, Error> {
        let database = Database::new(&self.folder.join("links.db").to_string_lossy())?;
        database.enable_bulk_loading()?;
        Ok(database)
    }

    fn seed(&self, links: u64) -> Result<(), Error> {
        let database = self.open()?;
        for from in (0..links).step_by(BATCH as usize) {
            let batch = (from..links.min(from + BATCH)).map(link).collect::<Result<_, Error>>()?;
            database.import_items(LINKS.name, batch, ImportOptions::default())?;
        }
        Ok(database.disable_bulk_loading()?)
    }
}

impl Drop for Organization {
    fn drop(&mut self) {
        self.engine = None;
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns the slug of the organization's n-th link.
pub fn slug(number: u64) -> String {
    format!("s{number:07}")
}

/// Returns the birth of the organization's n-th link.
pub fn birth(number: u64) -> String {
    format!("{number:016}")
}

fn link(number: u64) -> Result<Item, Error> {
    let mut link = item();
    let (slug, created_at) = (slug(number), 1_795_360_400_000 + number);
    let own: [(&str, Value); 5] = [
        ("id", json!({"S": slug})),
        ("birth", json!({"S": birth(number)})),
        ("created_at", json!({"N": created_at.to_string()})),
        ("updated_at", json!({"N": created_at.to_string()})),
        ("newest", json!({"S": format!("{created_at:015}#{slug}")})),
    ];
    if let Some(attributes) = link.as_object_mut() {
        attributes.extend(own.map(|(name, value)| (name.to_owned(), value)));
    }
    Ok(serde_json::from_value(link)?)
}
