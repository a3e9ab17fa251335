use shared::http::NoteBody;
use shared::model::{Slug, Timestamp};

/// A difference between a row and its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The link has another slug.
    SlugChanged(Slug),
    /// The link gets a random slug, because the one in the file cannot be used.
    SlugDrawn,
    /// The slug is in lower case.
    SlugFolded,
    /// The title was truncated.
    TitleCut,
    /// The title has no visible character.
    TitleDropped,
    /// A tag has another form than in the file.
    TagsChanged,
    /// The row has too many tags. Contains the number of tags that were dropped.
    TagsDropped(usize),
    /// Another link leads to the same destination.
    SameTarget(Slug),
    /// Another row with the same slug and destination is for members only, so the link is for members only.
    MembersOnly,
    /// The link is switched off.
    SwitchedOff,
    /// The link was edited, and leads to another destination than the row.
    TargetChanged,
    /// The link has expired.
    Expired(Timestamp),
}

impl Note {
    /// Returns the note's JSON form.
    pub fn body(&self) -> NoteBody {
        let (code, detail) = match self {
            Self::SlugChanged(slug) => {
                let detail = format!("The slug became '{slug}'. The old address does not work here.");
                ("slug_changed", detail)
            }
            Self::SlugDrawn => {
                ("slug_drawn", "The slug is random. The old address does not work here.".to_owned())
            }
            Self::SlugFolded => {
                let detail = "The slug became lower case. The old address works in upper and lower case.";
                ("slug_folded", detail.to_owned())
            }
            Self::TitleCut => ("title_cut", "The title was cut at 200 characters.".to_owned()),
            Self::TitleDropped => ("title_dropped", "The title has no visible character.".to_owned()),
            Self::TagsChanged => {
                let detail = "A tag has at most 32 characters: letters a to z, digits, '_' and '-'.";
                ("tags_changed", detail.to_owned())
            }
            Self::TagsDropped(dropped) => {
                let detail =
                    format!("A link has at most ten tags, so {dropped} of the file's tags were left out.");
                ("tags_dropped", detail)
            }
            Self::SameTarget(slug) => {
                ("same_target", format!("The link '{slug}' leads to the same destination."))
            }
            Self::TargetChanged => {
                ("target_changed", "The link was edited and leads to another destination.".to_owned())
            }
            Self::MembersOnly => {
                let detail = "Another row with this slug and destination is for members only, so the link is for members only.";
                ("members_only", detail.to_owned())
            }
            Self::SwitchedOff => ("switched_off", "The link is switched off.".to_owned()),
            Self::Expired(at) => ("expired", format!("The link expired at {at}.")),
        };
        let id = match self {
            Self::SameTarget(slug) => Some(slug.clone()),
            _ => None,
        };
        NoteBody { code, detail, id }
    }
}
