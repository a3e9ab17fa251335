//! The cost limits of each bootstrap, in `bench/budgets.json`, so that no growth goes unnoticed.

use crate::Error;
use crate::bootstrap::Bootstrap;
use crate::callgrind::Instructions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// How much a bootstrap may grow before its budget must be raised, in percent.
const TOLERANCE: u64 = 10;

/// What to do about a bootstrap that has grown.
pub const ADVICE: &str = "If the higher cost is justified, raise the budget: `cargo run -p bench -- budgets \
    --write` puts today's figures into bench/budgets.json. Commit that file, and say in the message why.";

/// What a bootstrap costs, or the maximum that it is allowed to cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// In instructions.
    pub instructions: Instructions,
    /// In bytes.
    pub size: u64,
    /// In bytes, compressed.
    pub zipped: u64,
}

/// The budgets of all functions, by name.
pub type Budgets = BTreeMap<String, Budget>;

impl Budget {
    /// Returns the cost of this bootstrap.
    pub fn new(bootstrap: &Bootstrap, instructions: Instructions) -> Result<Self, Error> {
        let zipped = bootstrap.compressed.ok_or("gzip is missing; install it")?;
        Ok(Self { instructions, size: bootstrap.size, zipped })
    }

    fn lines(&self) -> [(&'static str, u64); 5] {
        let Instructions { start, first_call, warm_call } = self.instructions;
        [
            ("instructions for a start", start),
            ("instructions for the first call", first_call),
            ("instructions for a warm call", warm_call),
            ("bytes", self.size),
            ("bytes zipped", self.zipped),
        ]
    }
}

/// The path of the file.
fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("budgets.json")
}

/// Reads the budgets.
pub fn read() -> Result<Budgets, Error> {
    Ok(serde_json::from_str(&fs::read_to_string(path())?)?)
}

/// Writes these costs as the new budgets. Functions that were not measured keep their budgets.
pub fn write(costs: Budgets) -> Result<(), Error> {
    let mut budgets = read().unwrap_or_default();
    budgets.extend(costs);
    Ok(fs::write(path(), serde_json::to_string_pretty(&budgets)? + "\n")?)
}

/// Returns a sentence for each cost that exceeds its budget.
pub fn overruns(costs: &Budgets, budgets: &Budgets) -> Vec<String> {
    costs
        .iter()
        .flat_map(|(function, cost)| match budgets.get(function) {
            None => vec![format!("{function} has no budget")],
            Some(budget) => overrun(function, cost, budget),
        })
        .collect()
}

fn overrun(function: &str, cost: &Budget, budget: &Budget) -> Vec<String> {
    let grown = cost.lines().into_iter().zip(budget.lines());
    grown
        .filter(|((_, cost), (_, budget))| *cost * 100 > *budget * (100 + TOLERANCE))
        .map(|((what, cost), (_, budget))| {
            format!(
                "{function} takes {cost} {what}; its budget is {budget}, and {TOLERANCE} % more is allowed"
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(warm_call: u64, size: u64) -> Budgets {
        let instructions = Instructions { start: 5_000_000, first_call: 900_000, warm_call };
        [("redirect".to_owned(), Budget { instructions, size, zipped: 2_400_000 })].into()
    }

    #[test]
    fn a_cost_may_grow_by_a_tenth_and_more_is_reported() {
        let budgets = costs(600_000, 5_000_000);
        assert!(overruns(&costs(660_000, 5_500_000), &budgets).is_empty());
        assert!(overruns(&costs(1, 1), &budgets).is_empty());
        let told = overruns(&costs(660_001, 5_500_001), &budgets);
        assert_eq!(told.len(), 2);
        let first = told.first().map(String::as_str).unwrap_or_default();
        assert!(first.starts_with("redirect takes 660001 instructions for a warm call"), "{told:?}");
    }

    #[test]
    fn a_function_without_a_budget_is_reported() {
        assert_eq!(overruns(&costs(1, 1), &Budgets::new()), ["redirect has no budget"]);
    }

    /// This test does not look for missing budgets, because the check itself reports them.
    #[test]
    fn the_budgets_in_the_repository_are_of_existing_functions() {
        use crate::bootstrap::Program;
        let budgets = read().unwrap();
        let functions: Vec<&str> = Program::functions().map(Program::name).collect();
        assert!(budgets.contains_key("redirect"));
        assert!(budgets.keys().all(|name| functions.contains(&name.as_str())));
    }
}
