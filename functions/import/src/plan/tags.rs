use super::note::Note;
use super::slug::plain;
use shared::model::Tag;
use std::collections::BTreeSet;

/// The maximum length of a tag.
const MAX_LENGTH: usize = 32;

/// Returns the first `max` tags of a row, and adds notes if they differ from the file. Tags are folded to lower case,
/// lose their accents, and have `-` in place of a run of other characters.
pub fn folded(found: &[String], max: usize, notes: &mut Vec<Note>) -> BTreeSet<Tag> {
    let (mut tags, mut dropped) = (BTreeSet::new(), BTreeSet::new());
    let mut is_changed = false;
    for text in found.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let tag = Tag::try_from(text.to_owned()).ok().or_else(|| {
            is_changed = true;
            let mut plain = plain(text)?;
            plain.truncate(MAX_LENGTH);
            Tag::try_from(plain.trim_end_matches(['-', '_']).to_owned()).ok()
        });
        let Some(tag) = tag else { continue };
        if tags.len() < max || tags.contains(&tag) {
            tags.insert(tag);
        } else {
            dropped.insert(tag);
        }
    }
    if is_changed {
        notes.push(Note::TagsChanged);
    }
    if !dropped.is_empty() {
        notes.push(Note::TagsDropped(dropped.len()));
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(found: &[&str], max: usize) -> (Vec<String>, Vec<Note>) {
        let mut notes = Vec::new();
        let found: Vec<String> = found.iter().map(|text| (*text).to_owned()).collect();
        let tags = folded(&found, max, &mut notes);
        (tags.iter().map(Tag::to_string).collect(), notes)
    }

    #[test]
    fn case_alone_is_no_change_worth_a_note() {
        assert_eq!(
            tags(&["Spring", " spring ", "", "q_1"], 9),
            (vec!["q_1".into(), "spring".into()], vec![])
        );
    }

    #[test]
    fn other_characters_become_hyphens_and_a_tag_without_any_form_is_left_out() {
        let (found, notes) = tags(&["news letter", "Q2/2026", "Été", "東京", &"long ".repeat(9)], 9);
        assert_eq!(found, ["ete", "long-long-long-long-long-long-lo", "news-letter", "q2-2026"]);
        assert_eq!(notes, [Note::TagsChanged]);
    }

    #[test]
    fn the_first_tags_of_the_file_are_kept() {
        let (found, notes) = tags(&["d", "c", "b", "D", "a", "e", "a"], 3);
        assert_eq!(found, ["b", "c", "d"]);
        assert_eq!(notes, [Note::TagsDropped(2)]);
    }
}
