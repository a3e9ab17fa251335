use crate::bootstrap::{Bootstrap, Function};
use crate::measure::{Life, Time};
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// The medians of what a bootstrap was measured at.
pub struct Cost {
    function: Function,
    start: Time,
    first_call: Time,
    /// The start and the first call together: what the visitor waits for who is the first to come.
    cold: Time,
    warm_call: Time,
    /// In bytes, as the sizes are.
    peak_memory: f64,
    size: f64,
    compressed: Option<f64>,
}

/// What was measured, as Markdown: a table in multiples of the floor, and the targets below it.
pub struct Report {
    /// The floor's cost is the first.
    pub costs: Vec<Cost>,
    pub starts: u32,
    pub warm_calls: u32,
}

type Measure = fn(&Cost) -> Option<f64>;

const COLD_CPU: Measure = |cost| milliseconds(cost.cold.cpu);
const WARM_CPU: Measure = |cost| microseconds(cost.warm_call.cpu);
const SIZE: Measure = |cost| megabytes(cost.size);

/// The table's lines.
const MEASURES: [(&str, Measure); 11] = [
    ("start to first `/next`, CPU ms", |cost| milliseconds(cost.start.cpu)),
    ("start to first `/next`, wall ms", |cost| milliseconds(cost.start.wall)),
    ("first call, CPU ms", |cost| milliseconds(cost.first_call.cpu)),
    ("first call, wall ms", |cost| milliseconds(cost.first_call.wall)),
    ("cold (start + first call), CPU ms", COLD_CPU),
    ("cold (start + first call), wall ms", |cost| milliseconds(cost.cold.wall)),
    ("warm call, CPU µs", WARM_CPU),
    ("warm call, wall µs", |cost| microseconds(cost.warm_call.wall)),
    ("peak memory, MB", |cost| megabytes(cost.peak_memory)),
    ("`bootstrap`, MB", SIZE),
    ("`bootstrap` zipped, MB", |cost| cost.compressed.and_then(megabytes)),
];

impl Cost {
    /// The medians of the bootstrap's lives.
    pub fn new(bootstrap: &Bootstrap, lives: &[Life]) -> Self {
        let start = lives.iter().map(|life| life.start);
        let first_call = lives.iter().map(|life| life.first_call);
        let warm_calls = lives.iter().flat_map(|life| life.warm_calls.iter().copied());
        Self {
            function: bootstrap.function,
            cold: median_time(
                start.clone().zip(first_call.clone()).map(|(start, first_call)| start + first_call),
            ),
            start: median_time(start),
            first_call: median_time(first_call),
            warm_call: median_time(warm_calls),
            peak_memory: median(lives.iter().map(|life| life.peak_memory)) as f64,
            size: bootstrap.size as f64,
            compressed: bootstrap.compressed.map(|size| size as f64),
        }
    }
}

/// By CPU and by wall time each: the two medians need not be of the same run.
fn median_time(times: impl Iterator<Item = Time> + Clone) -> Time {
    Time { cpu: median(times.clone().map(|time| time.cpu)), wall: median(times.map(|time| time.wall)) }
}

fn median<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> Option<f64> {
    Some(time.as_secs_f64() * 1e3)
}

fn microseconds(time: Duration) -> Option<f64> {
    Some(time.as_secs_f64() * 1e6)
}

fn megabytes(bytes: f64) -> Option<f64> {
    Some(bytes / 1e6)
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(floor) = self.costs.first() else {
            return Ok(());
        };
        let (starts, calls) = (self.starts, self.warm_calls);
        writeln!(
            f,
            "Medians over {starts} starts and {calls} warm calls of each binary, the binaries taking turns; in"
        )?;
        writeln!(
            f,
            "brackets as multiples of `floor`, a `lambda_http` function that answers a constant 302. The Runtime"
        )?;
        writeln!(f, "API and DynamoDB are stubs on loopback that answer at once, over plain HTTP.\n")?;
        self.table(f, floor)?;
        match self.costs.iter().find(|cost| cost.function == Function::Redirect) {
            Some(redirect) => targets(f, redirect, floor),
            None => Ok(()),
        }
    }
}

impl Report {
    fn table(&self, f: &mut Formatter<'_>, floor: &Cost) -> fmt::Result {
        let names: Vec<_> = self.costs.iter().map(|cost| cost.function.name()).collect();
        writeln!(f, "| | {} |", names.join(" | "))?;
        writeln!(f, "|---|{}", "---:|".repeat(names.len()))?;
        for (label, measure) in MEASURES {
            let cells: Vec<_> = self.costs.iter().map(|cost| cell(measure(cost), measure(floor))).collect();
            writeln!(f, "| {label} | {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

fn cell(value: Option<f64>, floor: Option<f64>) -> String {
    match value.zip(floor) {
        Some((value, floor)) => format!("{} ({:.1}×)", three_digits(value), value / floor),
        None => "not measured".to_owned(),
    }
}

fn three_digits(value: f64) -> String {
    let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.decimals$}")
}

/// What the redirect has to keep to: it is the one route that visitors wait for.
fn targets(f: &mut Formatter<'_>, redirect: &Cost, floor: &Cost) -> fmt::Result {
    let ratio = |measure: Measure| Some(measure(redirect)? / measure(floor)?);
    let targets = [
        ("cold CPU", ratio(COLD_CPU), 2.5, "× the floor's"),
        ("warm CPU", ratio(WARM_CPU), 4.0, "× the floor's"),
        ("`bootstrap`", SIZE(redirect), 6.0, " MB"),
    ];
    writeln!(f, "\nTargets of `redirect`:\n")?;
    for (what, value, limit, unit) in targets {
        let Some(value) = value else { continue };
        let verdict = if value <= limit { "met" } else { "missed" };
        writeln!(f, "- {verdict}: {what} is {value:.2}{unit}, to be at most {limit}{unit}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(function: Function, cold_ms: u64, warm_us: u64, bytes: f64) -> Cost {
        let time = |cpu| Time { cpu, wall: cpu };
        let (cold, warm_call) = (time(Duration::from_millis(cold_ms)), time(Duration::from_micros(warm_us)));
        let (peak_memory, size, compressed) = (bytes, bytes, None);
        Cost { function, start: cold, first_call: cold, cold, warm_call, peak_memory, size, compressed }
    }

    #[test]
    fn the_median_is_of_sorted_values() {
        assert_eq!(median([9, 1, 5].into_iter()), 5);
        assert_eq!(median(std::iter::empty::<u64>()), 0);
    }

    #[test]
    fn a_report_gives_multiples_of_the_floor_and_says_which_targets_are_missed() {
        let costs = vec![cost(Function::Floor, 2, 100, 1e6), cost(Function::Redirect, 4, 500, 5e6)];
        let report = Report { costs, starts: 20, warm_calls: 2_000 }.to_string();
        assert!(
            report.contains("| cold (start + first call), CPU ms | 2.00 (1.0×) | 4.00 (2.0×) |"),
            "{report}"
        );
        assert!(
            report.contains("- met: cold CPU is 2.00× the floor's, to be at most 2.5× the floor's"),
            "{report}"
        );
        assert!(report.contains("- missed: warm CPU is 5.00× the floor's"), "{report}");
        assert!(report.contains("- met: `bootstrap` is 5.00 MB"), "{report}");
    }

    #[test]
    fn without_the_redirect_there_are_no_targets() {
        let costs = vec![cost(Function::Floor, 2, 100, 1e6), cost(Function::List, 4, 500, 5e6)];
        assert!(!Report { costs, starts: 1, warm_calls: 1 }.to_string().contains("Targets"));
    }
}
