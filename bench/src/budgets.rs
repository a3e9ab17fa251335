//! What each bootstrap may cost, in `bench/budgets.json`: so that nothing grows without anybody knowing.

use crate::Error;
use crate::bootstrap::Bootstrap;
use crate::callgrind::Instructions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// By how much a bootstrap may grow before somebody has to say that it may, in per cent.
const TOLERANCE: u64 = 10;

/// What to do about a bootstrap that has grown.
pub const ADVICE: &str = "If it has to cost that, raise the budget knowingly: `cargo run -p bench -- budgets \
    --write` puts today's figures into bench/budgets.json; commit that and say in the message what they are paid for.";

/// What a bootstrap costs or may cost.
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
    /// What this bootstrap costs.
    pub fn of(bootstrap: &Bootstrap, instructions: Instructions) -> Result<Self, Error> {
        let zipped = bootstrap.compressed.ok_or("this needs gzip")?;
        Ok(Self { instructions, size: bootstrap.size, zipped })
    }

    fn lines(&self) -> [(&'static str, u64); 5] {
        let Instructions { start, first_call, warm_call } = self.instructions;
        [
            ("instructions of a start", start),
            ("instructions of the first call", first_call),
            ("instructions of a warm call", warm_call),
            ("bytes", self.size),
            ("bytes zipped", self.zipped),
        ]
    }
}

/// The file.
fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("budgets.json")
}

/// Reads the budgets.
pub fn read() -> Result<Budgets, Error> {
    Ok(serde_json::from_str(&fs::read_to_string(path())?)?)
}

/// Makes these costs the budgets; those of functions that were not measured stay.
pub fn write(costs: Budgets) -> Result<(), Error> {
    let mut budgets = read().unwrap_or_default();
    budgets.extend(costs);
    Ok(fs::write(path(), serde_json::to_string_pretty(&budgets)? + "\n")?)
}

/// What costs more than it may, a sentence each.
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
    fn what_has_grown_by_a_tenth_is_let_pass_and_by_more_is_told() {
        let budgets = costs(600_000, 5_000_000);
        assert!(overruns(&costs(660_000, 5_500_000), &budgets).is_empty());
        assert!(overruns(&costs(1, 1), &budgets).is_empty());
        let told = overruns(&costs(660_001, 5_500_001), &budgets);
        assert_eq!(told.len(), 2);
        let first = told.first().map(String::as_str).unwrap_or_default();
        assert!(first.starts_with("redirect takes 660001 instructions of a warm call"), "{told:?}");
    }

    #[test]
    fn a_function_without_a_budget_is_told() {
        assert_eq!(overruns(&costs(1, 1), &Budgets::new()), ["redirect has no budget"]);
    }

    /// That none is missing, the check itself tells.
    #[test]
    fn the_budgets_in_the_repository_are_of_functions_that_there_are() {
        use crate::bootstrap::Program;
        let budgets = read().unwrap();
        let functions: Vec<&str> = Program::functions().map(Program::name).collect();
        assert!(budgets.contains_key("redirect"));
        assert!(budgets.keys().all(|name| functions.contains(&name.as_str())));
    }
}
