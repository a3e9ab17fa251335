// The meanings of the words in user agents. The build script writes these meanings into tables, and the crate reads the
// tables.

/// The meaning of a word in a user agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// No meaning. Shorter words that this word contains are ignored, too.
    Nothing,
    /// A program.
    Program,
    /// A laptop that runs Android.
    Laptop,
    /// A television, a game console, a car, a watch or a similar device.
    Other,
    Tablet,
    Mobile,
    /// A tablet, unless another word says otherwise.
    Android,
    Desktop,
    /// The word begins the description of the browser's engine.
    Engine,
    /// The word precedes the build number of the device's firmware.
    Build,
}

impl Meaning {
    /// All meanings, each with its name in `data/words.txt`.
    pub const ALL: [(&str, Self); 10] = [
        ("nothing", Self::Nothing),
        ("program", Self::Program),
        ("laptop", Self::Laptop),
        ("other", Self::Other),
        ("tablet", Self::Tablet),
        ("mobile", Self::Mobile),
        ("android", Self::Android),
        ("desktop", Self::Desktop),
        ("engine", Self::Engine),
        ("build", Self::Build),
    ];
}

/// The place in a user agent where a word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Anywhere,
    /// Anywhere. A user agent that does not begin like a browser's is a bot even if it contains this word.
    Aside,
    /// Only as the first word of the user agent.
    Start,
    /// Only within the name of a device model.
    Model,
}

impl Place {
    /// All places, each with its name in `data/words.txt`.
    pub const ALL: [(&str, Self); 4] =
        [("", Self::Anywhere), ("aside", Self::Aside), ("start", Self::Start), ("model", Self::Model)];
}

/// The data that a table stores with each word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Says {
    pub meaning: Meaning,
    pub place: Place,
    /// Whether any character may follow the word, even a letter.
    pub open: bool,
}
