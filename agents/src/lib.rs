//! Says of a user agent whether a person or a program sent it, and which class of device a person uses.
//!
//! The words it goes by are in `data`. The build script makes tables of them that take no work at a start.

#![no_std]

mod reader;
mod says;
mod trie;

use says::Meaning;

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agent {
    /// A program: a crawler, a link preview, a monitor, a script.
    Bot,
    /// A person at a desktop computer or a laptop.
    Desktop,
    /// A person with a mobile phone.
    Mobile,
    /// A person with a tablet.
    Tablet,
    /// A person at a television, a console, in a car or with another device.
    Other,
}

/// How many bytes of a user agent are looked at. The longest that people's browsers send are about as long.
const MAX_LENGTH: usize = 512;

/// Says who sent a user agent, as `User-Agent` (RFC 9110, section 10.1.5) has it. Of a longer one than 512 bytes only these
/// count. What names no device is a program.
///
/// The time is linear in the length, and nothing is allocated.
pub fn classify(user_agent: &str) -> Agent {
    let mut buffer = [0; MAX_LENGTH];
    let length = user_agent.len().min(MAX_LENGTH);
    let Some(text) = buffer.get_mut(..length) else {
        return Agent::Bot;
    };
    text.copy_from_slice(user_agent.as_bytes().get(..length).unwrap_or_default());
    text.make_ascii_lowercase();
    let is_browser = reader::is_browser(text);
    let seen = reader::read(text);
    if seen.has(Meaning::Program) || !is_browser && !seen.names_device() {
        return Agent::Bot;
    }
    let devices = [
        (Meaning::Laptop, Agent::Desktop),
        (Meaning::Other, Agent::Other),
        (Meaning::Tablet, Agent::Tablet),
        (Meaning::Mobile, Agent::Mobile),
        // An app of Android that is no browser does not say `Mobile`.
        (Meaning::Android, if is_browser { Agent::Tablet } else { Agent::Mobile }),
        (Meaning::Desktop, Agent::Desktop),
    ];
    devices.into_iter().find(|(meaning, _)| seen.has(*meaning)).map_or(Agent::Bot, |(_, agent)| agent)
}
