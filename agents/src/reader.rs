//! Reads a user agent once, from left to right, and collects the meanings of its words.

use crate::says::{Meaning, Place, Says};
use crate::trie::{MODEL_PARTS, PARTS, WORDS};

/// Reads a lower-case user agent. Stops at the first word that identifies a program.
pub fn read(text: &[u8]) -> Seen {
    let mut reader = Reader { text, is_browser: is_browser(text), ..Reader::default() };
    let mut last = b' ';
    for (at, byte) in text.iter().copied().enumerate() {
        if at >= reader.read_until {
            reader.byte(at, byte, !last.is_ascii_alphanumeric());
        }
        if reader.seen.has(Meaning::Program) {
            break;
        }
        last = byte;
    }
    reader.seen
}

/// Returns whether a lower-case user agent begins like a browser's.
pub fn is_browser(text: &[u8]) -> bool {
    text.starts_with(b"mozilla/") || text.starts_with(b"opera/")
}

/// The meanings that the words of a user agent have.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    meanings: u16,
    names_device: bool,
}

impl Seen {
    pub fn has(self, meaning: Meaning) -> bool {
        self.meanings & 1 << meaning as u16 != 0
    }

    /// Returns whether the user agent mentions a device that programs rarely mention.
    pub fn names_device(self) -> bool {
        self.names_device
    }

    fn add(&mut self, meaning: Meaning) {
        self.meanings |= 1 << meaning as u16;
    }
}

/// The reader's position in the description of an Android device. Program names are ignored in the description, because
/// they also occur in the names of models, such as `Nitro 8` and `CUBOT P80`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Device {
    #[default]
    Outside,
    Model,
    Build,
}

#[derive(Default)]
struct Reader<'a> {
    text: &'a [u8],
    is_browser: bool,
    seen: Seen,
    /// Everything before this position has been read.
    read_until: usize,
    device: Device,
    /// How many parentheses are open.
    depth: u32,
    /// How many top-level parentheses have been opened.
    groups: u32,
    /// The number of square brackets that are open. Apps describe their device between square brackets.
    brackets: u32,
    /// Whether nothing has been read since the last parenthesis or semicolon.
    is_item_start: bool,
}

impl Reader<'_> {
    fn byte(&mut self, at: usize, byte: u8, is_word_start: bool) {
        match byte {
            b'(' => {
                self.groups += u32::from(self.depth == 0);
                self.depth += 1;
                self.is_item_start = true;
            }
            b')' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.device = Device::Outside;
                }
            }
            b'[' => self.brackets += 1,
            b']' => self.brackets = self.brackets.saturating_sub(1),
            b';' => self.separator(at),
            b',' => self.is_item_start = true,
            b'@' if self.may_be_program() && is_host(self.text.get(at + 1..).unwrap_or_default()) => {
                self.seen.add(Meaning::Program);
            }
            b'-' => self.part(at),
            _ if byte.is_ascii_alphanumeric() => {
                if is_word_start && let Some((says, end)) = WORDS.longest(self.text, at) {
                    self.word(at, says, end);
                }
                if at >= self.read_until {
                    self.part(at);
                }
                self.is_item_start = false;
            }
            _ => {}
        }
    }

    fn separator(&mut self, at: usize) {
        self.is_item_start = true;
        if self.device == Device::Build {
            self.device = Device::Outside;
        }
        // Browsers add nothing within the parentheses of `(KHTML, like Gecko)`, so this is a program.
        if self.depth > 0 && self.text.get(..at).is_some_and(|before| before.ends_with(b"khtml, like gecko"))
        {
            self.seen.add(Meaning::Program);
        }
    }

    fn word(&mut self, at: usize, says: Says, end: usize) {
        let counts = match says.place {
            Place::Anywhere | Place::Aside => true,
            Place::Start => at == 0,
            Place::Model => self.device == Device::Model,
        };
        if !counts {
            return;
        }
        match says.meaning {
            Meaning::Nothing => self.read_until = end,
            Meaning::Engine => self.device = Device::Outside,
            Meaning::Build if self.device == Device::Model => self.device = Device::Build,
            Meaning::Build => {}
            Meaning::Program => {
                // A browser describes its device in the first pair of parentheses, as items with separators between
                // them.
                let is_platform = self.is_browser && self.groups == 1 && self.depth > 0;
                if self.may_be_program() && (self.is_item_start || !is_platform) {
                    self.seen.add(Meaning::Program);
                }
            }
            device => {
                if device == Meaning::Android {
                    self.device = Device::Model;
                }
                self.seen.names_device |=
                    says.place != Place::Aside && device != Meaning::Desktop || says.place == Place::Start;
                self.seen.add(device);
            }
        }
    }

    fn part(&mut self, at: usize) {
        let parts = match self.device {
            Device::Model => &MODEL_PARTS,
            _ if self.may_be_program() => &PARTS,
            _ => return,
        };
        match parts.longest(self.text, at) {
            Some((Says { meaning: Meaning::Nothing, .. }, end)) => self.read_until = end,
            Some((says, _)) => self.seen.add(says.meaning),
            None => {}
        }
    }

    fn may_be_program(&self) -> bool {
        self.device == Device::Outside && self.brackets == 0
    }
}

/// Returns whether the text begins with a host name, such as the one after the `@` in an e-mail address.
fn is_host(text: &[u8]) -> bool {
    let label = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    label > 0 && text.get(label) == Some(&b'.') && text.get(label + 1).is_some_and(u8::is_ascii_lowercase)
}
