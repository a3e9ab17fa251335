//! Converts the words in `data` to tries: constant tables, so that a cold start need not build them.
//!
//! Regular expressions would be compiled at each start, and would match inside the name of a device's model. A serialized
//! automaton of `regex-automata` is verified at each start, unless `unsafe` code loads it.

#[path = "src/says.rs"]
mod says;

use says::{Meaning, Place, Says};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Display;
use std::path::Path;
use std::{env, fs};

#[derive(Default)]
struct Node {
    next: BTreeMap<u8, Node>,
    says: Option<Says>,
}

impl Node {
    /// Adds a word and returns whether it is new. A word that was added before keeps its earlier meaning.
    fn insert(&mut self, word: &str, says: Says) -> bool {
        let mut node = self;
        for byte in word.bytes() {
            node = node.next.entry(byte).or_default();
        }
        let is_new = node.says.is_none();
        node.says.get_or_insert(says);
        is_new
    }
}

#[derive(Default)]
struct Tries {
    /// Entries that match only where a word of the user agent begins.
    words: Node,
    /// Entries that match anywhere in the user agent, even inside a word, except in the name of a device's model.
    parts: Node,
    /// Entries that match anywhere in the name of a device's model.
    model_parts: Node,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=data");
    let mut tries = Tries::default();
    let parts = own_words(&mut tries)?;
    for name in read("data/tablets.txt")?.lines().filter(|line| !line.starts_with('#')) {
        tries.words.insert(name, Says { meaning: Meaning::Tablet, place: Place::Model, open: false });
    }
    for name in read("data/crawlers.txt")?.lines().filter(|line| !line.starts_with('#')) {
        // A name that contains one of these parts needs no entry of its own, because the part's entry matches it.
        if parts.iter().any(|part| name.contains(part)) {
            continue;
        }
        let (name, place) =
            name.strip_prefix('^').map_or((name, Place::Anywhere), |name| (name, Place::Start));
        let open = !name.ends_with(|last: char| last.is_ascii_alphanumeric());
        tries.words.insert(name, Says { meaning: Meaning::Program, place, open });
    }
    let folder = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    Ok(fs::write(Path::new(&folder).join("tables.rs"), tables(&tries)?)?)
}

/// Adds the words of `data/words.txt`. Returns the words that identify a program even in the middle of a longer word,
/// whatever follows.
fn own_words(tries: &mut Tries) -> Result<Vec<String>, Box<dyn Error>> {
    let (mut section, mut parts) = (None, Vec::new());
    let text = read("data/words.txt")?;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(title) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = Some(title.split_once(' ').unwrap_or((title, "")));
            continue;
        }
        let (meaning, place) = section.ok_or("a word without a section")?;
        let word = line.trim_end_matches(['*', '$']);
        let (trie, place, open) = match place {
            "part" => (&mut tries.parts, "", !line.ends_with('$')),
            "model part" => (&mut tries.model_parts, "", true),
            _ => (&mut tries.words, place, line.ends_with('*')),
        };
        let says = Says { meaning: known(&Meaning::ALL, meaning)?, place: known(&Place::ALL, place)?, open };
        if !trie.insert(word, says) {
            return Err(format!("{word} is in data/words.txt twice").into());
        }
        if section == Some(("program", "part")) && open {
            parts.push(word.to_owned());
        }
    }
    Ok(parts)
}

fn known<T: Copy>(all: &[(&str, T)], name: &str) -> Result<T, String> {
    all.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).ok_or(format!("unknown: {name}"))
}

/// Returns the tries as Rust source code. An entry of `NODES` is a node: the index of its first child, the number of its
/// children, and its meaning. `BYTES` contains, at the same index, the byte that leads to the node. The other arrays map the
/// first byte of a word to its node; 0 means that no word begins with this byte.
fn tables(tries: &Tries) -> Result<String, Box<dyn Error>> {
    let roots = [
        ("WORD_STARTS", &tries.words),
        ("PART_STARTS", &tries.parts),
        ("MODEL_PART_STARTS", &tries.model_parts),
    ];
    let mut text = String::new();
    let mut queue: Vec<(u8, &Node)> = Vec::new();
    // No word leads to the node at index 0, so 0 can mean that there is no node.
    queue.push((0, const { &Node { next: BTreeMap::new(), says: None } }));
    for (name, root) in roots {
        let mut starts = [0; 128];
        for (byte, node) in &root.next {
            *starts.get_mut(usize::from(*byte)).ok_or("a word begins with a non-ASCII character")? =
                queue.len();
            queue.push((*byte, node));
        }
        text += &array(name, "u16", starts.iter());
    }
    let (mut bytes, mut nodes) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some((byte, node)) = queue.get(at).copied() {
        bytes.push(byte);
        nodes.push(format!(
            "({},{},{})",
            u16::try_from(queue.len())?,
            node.next.len(),
            node.says.map_or(0, code)
        ));
        queue.extend(node.next.iter().map(|(byte, node)| (*byte, node)));
        at += 1;
    }
    text += &array("BYTES", "u8", bytes.iter());
    text += &array("NODES", "(u16, u8, u8)", nodes.iter());
    Ok(text)
}

/// Returns the number that represents a word's meaning in the table. The function `says` in src/trie.rs
/// decodes this number.
fn code(says: Says) -> usize {
    1 + (says.meaning as usize * Place::ALL.len() + says.place as usize) * 2 + usize::from(says.open)
}

fn array<T: Display>(name: &str, of: &str, values: impl ExactSizeIterator<Item = T>) -> String {
    let count = values.len();
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    format!("static {name}: [{of}; {count}] = [{}];\n", values.join(","))
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}
