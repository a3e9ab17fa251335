//! Reads user agents, one per line, and prints the result of `agents::classify` for each.

use std::io::{self, BufWriter, Write};

fn main() -> io::Result<()> {
    let mut output = BufWriter::new(io::stdout().lock());
    for user_agent in io::stdin().lines() {
        writeln!(output, "{:?}", agents::classify(&user_agent?))?;
    }
    output.flush()
}
