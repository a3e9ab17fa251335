use crate::model::{Slug, Tag};
use serde::{Serialize, Serializer};

/// What happened to a row of an imported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It became a link.
    Created,
    /// A link with the same slug and the same destination exists.
    Exists,
    /// The row's link was created by an earlier import of the same row.
    Replayed,
    /// Another link or another row of the file has the slug.
    Conflict,
    /// It was left out, as the caller requested.
    Skipped,
    /// It cannot be a link.
    Refused,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 6] =
        [Self::Created, Self::Exists, Self::Replayed, Self::Conflict, Self::Skipped, Self::Refused];

    /// Returns the outcome's name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Exists => "exists",
            Self::Replayed => "replayed",
            Self::Conflict => "conflict",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The JSON form of an import: what happened to each row of a file or, in a dry run, what would happen.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "Import",
        description = "What happened to each row of a file or, in a dry run, what would happen."
    )
)]
pub struct ImportBody {
    /// The format in which the file was read, as a value of the query parameter `format`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = crate::schema::FILE_FORMATS)))]
    pub format: &'static str,
    /// The tag that every new link of this import has. Null in a dry run without the query parameter `import`.
    pub import: Option<Tag>,
    /// Whether this was a dry run, which writes nothing.
    pub dry_run: bool,
    /// The number of rows in the file.
    pub rows: usize,
    /// The names of a table's columns that are not imported: the first twenty, each cut at 40 characters. Empty for JSON.
    pub ignored: Vec<String>,
    /// The result of each row, in the order of the file.
    pub results: Vec<RowBody>,
    /// The number of results of each kind.
    pub summary: SummaryBody,
    /// The value of the query parameter `from` for the next request; null at the end of the file.
    pub next: Option<u64>,
}

/// The JSON form of a row's result. The values of a refused row are shown as the file has them, cut at 300 characters.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ImportedRow"))]
pub struct RowBody {
    /// The line at which the row begins or, in a JSON file, the row's position, counted from 1.
    pub row: u64,
    /// What happened, or would happen.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = Outcome::ALL)))]
    pub result: Outcome,
    /// The row's slug in the file; null if the row has none.
    pub source: Option<String>,
    /// The link's slug. If the row did not become a link, this is the slug that its link would have. Null if the row
    /// has no usable slug and no random slug was drawn.
    pub id: Option<Slug>,
    /// The destination.
    pub url: String,
    /// The title.
    pub title: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
    /// Who can follow the link.
    pub access: String,
    /// What the link forwards.
    pub forward: String,
    /// Whether the link is switched on.
    pub enabled: bool,
    /// When the link stops redirecting; null for never.
    pub expires_at: Option<String>,
    /// The link's short URL; null if the row has no link.
    pub short_url: Option<String>,
    /// For a conflict, a similar slug that was free a moment ago, if one was found.
    pub suggested_id: Option<Slug>,
    /// What is different from the file.
    pub notes: Vec<NoteBody>,
    /// Why the row was refused.
    pub errors: Vec<RowFault>,
}

/// The JSON form of a note about a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ImportNote"))]
pub struct NoteBody {
    /// What is different, as a stable code for programs.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = crate::schema::NOTE_CODES)))]
    pub code: &'static str,
    /// What is different, as a sentence for people.
    pub detail: String,
    /// For `same_target`, the slug of the link that has the same destination. Otherwise left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Slug"))]
    pub id: Option<Slug>,
}

/// The JSON form of a rule that a row breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ImportError"))]
pub struct RowFault {
    /// The broken rule, as a stable code for programs.
    pub code: &'static str,
    /// The link's field that breaks the rule; null if the row itself breaks it.
    pub field: Option<&'static str>,
    /// The broken rule, as a phrase for people.
    pub detail: String,
}

/// The JSON form of the number of results of each kind.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ImportSummary"))]
pub struct SummaryBody {
    /// New links.
    pub created: usize,
    /// Links that exist.
    pub exists: usize,
    /// Links that an earlier import of the same row made.
    pub replayed: usize,
    /// Rows whose slug is taken.
    pub conflict: usize,
    /// Rows that were left out.
    pub skipped: usize,
    /// Rows that cannot be links.
    pub refused: usize,
}

impl SummaryBody {
    /// Counts the results of each kind.
    pub fn new(results: &[RowBody]) -> Self {
        let count = |outcome| results.iter().filter(|row| row.result == outcome).count();
        Self {
            created: count(Outcome::Created),
            exists: count(Outcome::Exists),
            replayed: count(Outcome::Replayed),
            conflict: count(Outcome::Conflict),
            skipped: count(Outcome::Skipped),
            refused: count(Outcome::Refused),
        }
    }
}
