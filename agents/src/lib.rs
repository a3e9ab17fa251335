//! Recognizes bots, and the class of a person's device, from the user agent.
//!
//! docs/agents.md describes the rules, and `data` contains the words that they look for. The build script turns the
//! words into constant tables, so that a cold start need not build them.

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
    /// A person with another device, such as a television, a game console or a car's screen.
    Other,
}

/// The length of the prefix that is read, in bytes. Hardly any browser sends a longer user agent.
const MAX_LENGTH: usize = 512;

/// Classifies the value of a `User-Agent` header (RFC 9110, section 10.1.5). Reads only the first 512 bytes. A user agent
/// that mentions no device is classified as a bot.
///
/// Runs in time linear in the length, and allocates nothing.
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
        // A browser on a phone sends `Mobile`, so a browser without `Mobile` runs on a tablet. Android apps that are not
        // browsers never send `Mobile`.
        (Meaning::Android, if is_browser { Agent::Tablet } else { Agent::Mobile }),
        (Meaning::Desktop, Agent::Desktop),
    ];
    devices.into_iter().find(|(meaning, _)| seen.has(*meaning)).map_or(Agent::Bot, |(_, agent)| agent)
}
