use crate::bootstrap::{Bootstrap, Program};
use crate::measure::{Life, SharedLife};
use local::functions::Function;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// All measurements of one bootstrap.
pub struct Cost {
    pub bootstrap: Bootstrap,
    pub lives: Vec<Life>,
    /// For each memory size in megabytes, the measurements at the CPU share of a function with that memory. Empty if
    /// CPU shares are not available.
    pub shares: Vec<(u64, Vec<SharedLife>)>,
    /// Warm calls with a store that is 3 ms away.
    pub remote: Vec<Life>,
}

/// The measurements as Markdown: tables with multiples of the baseline, then the targets.
pub struct Report {
    /// The cost of the baseline comes first.
    pub costs: Vec<Cost>,
    pub starts: u32,
    pub warm_calls: u32,
    /// The redirect's call times when the store had just closed the connection.
    pub hung_up: Vec<Duration>,
    /// The redirect's resident memory, in bytes, after each number of calls.
    pub endurance: Vec<(u32, u64)>,
}

/// A figure computed from an instance's times.
type Measure = fn(&Life) -> f64;

const COLD_CPU: Measure = |life| milliseconds((life.start + life.first_call).cpu);
const WARM_CPU: Measure = |life| microseconds(median_of(&life.warm_calls, |call| call.cpu));

/// The table's rows.
const MEASURES: [(&str, Measure); 9] = [
    ("start to first `/next`, CPU ms", |life| milliseconds(life.start.cpu)),
    ("start to first `/next`, wall-clock ms", |life| milliseconds(life.start.wall)),
    ("first call, CPU ms", |life| milliseconds(life.first_call.cpu)),
    ("first call, wall-clock ms", |life| milliseconds(life.first_call.wall)),
    ("cold (start + first call), CPU ms", COLD_CPU),
    ("cold (start + first call), wall-clock ms", |life| milliseconds((life.start + life.first_call).wall)),
    ("warm call, CPU µs", WARM_CPU),
    ("warm call, wall µs", |life| microseconds(median_of(&life.warm_calls, |call| call.wall))),
    ("peak memory, MB", |life| life.peak_memory as f64 / 1e6),
];

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some((floor, _)) = self.costs.split_first() else {
            return Ok(());
        };
        let (starts, calls) = (self.starts, self.warm_calls);
        writeln!(
            f,
            "Medians of {starts} starts and {calls} warm calls of each binary. The binaries are measured in turn."
        )?;
        writeln!(
            f,
            "In parentheses: the multiple of `floor` in the same turn, as median and interquartile range.\n"
        )?;
        let mut table = Table::new(self.costs.iter().map(|cost| cost.bootstrap.label()));
        for (label, measure) in MEASURES {
            table.line(label, self.costs.iter().map(|cost| compared(&cost.lives, &floor.lives, measure)));
        }
        if !floor.remote.is_empty() {
            let warm_wall: Measure = |life| microseconds(median_of(&life.warm_calls, |call| call.wall));
            let cells = self.costs.iter().map(|cost| compared(&cost.remote, &floor.remote, warm_wall));
            table.line("warm call with a store 3 ms away, wall µs", cells);
        }
        for (index, (megabytes, _)) in floor.shares.iter().enumerate() {
            let of = |cost: &Cost, measure: fn(&SharedLife) -> f64| -> Vec<f64> {
                cost.shares
                    .get(index)
                    .map(|(_, lives)| lives.iter().map(measure).collect())
                    .unwrap_or_default()
            };
            let first: fn(&SharedLife) -> f64 = |life| milliseconds(life.first_call);
            let cold: fn(&SharedLife) -> f64 = |life| milliseconds(life.cold);
            for (what, measure) in [("first call", first), ("start and first call", cold)] {
                let base = of(floor, measure);
                let cells = self.costs.iter().map(|cost| with_ratio(&of(cost, measure), &base));
                table.line(&format!("{what} with the CPU share of {megabytes} MB, wall-clock ms"), cells);
            }
        }
        let sizes = |bytes: fn(&Bootstrap) -> Option<u64>| {
            let base = bytes(&floor.bootstrap);
            self.costs.iter().map(move |cost| size(bytes(&cost.bootstrap), base))
        };
        table.line("`bootstrap`, MB", sizes(|bootstrap| Some(bootstrap.size)));
        table.line("`bootstrap` zipped, MB", sizes(|bootstrap| bootstrap.compressed));
        write!(f, "{table}")?;
        self.redirect(f)?;
        self.targets(f)
    }
}

impl Report {
    /// Writes the measurements that exist only for the redirect.
    fn redirect(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.hung_up.is_empty() {
            let times: Vec<f64> = self.hung_up.iter().map(|time| milliseconds(*time)).collect();
            let calls = times.len();
            let at = |part| three_digits(quantile(&times, part));
            writeln!(
                f,
                "\n`redirect`, after the store closed the connection while the instance was frozen: {calls} calls,"
            )?;
            writeln!(
                f,
                "none failed; wall-clock ms: median {}, p99 {}, maximum {}.",
                at(0.5),
                at(0.99),
                at(1.0)
            )?;
        }
        if !self.endurance.is_empty() {
            let resident: Vec<String> = self
                .endurance
                .iter()
                .map(|(calls, bytes)| format!("{} MB after {calls}", three_digits(*bytes as f64 / 1e6)))
                .collect();
            writeln!(f, "\nResident memory of a long-running `redirect`: {} calls.", resident.join(", "))?;
        }
        Ok(())
    }

    /// Writes whether each function meets its targets.
    fn targets(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(floor) = self.costs.first() else { return Ok(()) };
        writeln!(f, "\nTargets:\n")?;
        for cost in self.costs.iter().skip(1) {
            let ratio =
                |measure: Measure| ratios(&cost.lives, &floor.lives, measure).map(|[_, middle, _]| middle);
            let (cold, warm) = match cost.bootstrap.function {
                // Pages that are fetched once and then cached have no targets. Functions that read or write several
                // links, or none, have no targets either.
                Program::Api(
                    Function::Docs
                    | Function::Console
                    | Function::Session
                    | Function::Stats
                    | Function::Import,
                )
                | Program::Tally => continue,
                Program::REDIRECT if cost.bootstrap.remembers => (2.2, 1.2),
                Program::REDIRECT => (2.2, 3.3),
                _ => (2.7, 4.5),
            };
            let mut targets = vec![
                ("cold CPU", ratio(COLD_CPU), cold, "× the baseline's"),
                ("warm CPU", ratio(WARM_CPU), warm, "× the baseline's"),
            ];
            if cost.bootstrap.function == Program::REDIRECT && !cost.bootstrap.remembers {
                let peak = quantile(&values(&cost.lives, |life| life.peak_memory as f64 / 1e6), 0.5);
                let zipped = cost.bootstrap.compressed.map(|bytes| bytes as f64 / 1e6);
                targets.push(("peak memory", Some(peak), 8.0, " MB"));
                targets.push(("the zipped `bootstrap`", zipped, 2.6, " MB"));
            }
            for (what, value, limit, unit) in targets {
                let Some(value) = value else { continue };
                let verdict = if value <= limit { "met" } else { "missed" };
                let label = cost.bootstrap.label();
                writeln!(
                    f,
                    "- {verdict}: {label}: {what} is {value:.2}{unit} (target: at most {limit}{unit})"
                )?;
            }
        }
        Ok(())
    }
}

/// A Markdown table of labeled rows.
pub struct Table {
    lines: Vec<String>,
}

impl Table {
    /// Returns an empty table whose first column is for labels, followed by the given columns.
    pub fn new(columns: impl Iterator<Item = String>) -> Self {
        let columns: Vec<String> = columns.collect();
        let head = format!("| | {} |", columns.join(" | "));
        Self { lines: vec![head, format!("|---|{}", "---:|".repeat(columns.len()))] }
    }

    /// Adds a row.
    pub fn line(&mut self, label: &str, cells: impl Iterator<Item = String>) {
        self.lines.push(format!("| {label} | {} |", cells.collect::<Vec<_>>().join(" | ")));
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn values(lives: &[Life], measure: impl Fn(&Life) -> f64) -> Vec<f64> {
    lives.iter().map(measure).collect()
}

fn compared(lives: &[Life], floor: &[Life], measure: Measure) -> String {
    with_ratio(&values(lives, measure), &values(floor, measure))
}

fn with_ratio(values: &[f64], floor: &[f64]) -> String {
    match quartiles(values, floor) {
        Some([low, middle, high]) => {
            let value = three_digits(quantile(values, 0.5));
            format!("{value} ({middle:.2}×, {low:.2}–{high:.2})")
        }
        None => "not measured".to_owned(),
    }
}

fn ratios(lives: &[Life], floor: &[Life], measure: Measure) -> Option<[f64; 3]> {
    quartiles(&values(lives, measure), &values(floor, measure))
}

/// Returns the quartiles of the ratios. The two figures of each ratio are from the same turn.
fn quartiles(values: &[f64], floor: &[f64]) -> Option<[f64; 3]> {
    let ratios: Vec<f64> = values.iter().zip(floor).map(|(value, floor)| value / floor).collect();
    (!ratios.is_empty()).then(|| [0.25, 0.5, 0.75].map(|part| quantile(&ratios, part)))
}

/// Returns a quantile of the values: a `part` of 0.5 gives the median.
fn quantile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}

fn median_of<T>(values: &[T], of: impl Fn(&T) -> Duration) -> Duration {
    let mut times: Vec<Duration> = values.iter().map(of).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn size(bytes: Option<u64>, floor: Option<u64>) -> String {
    match bytes.zip(floor) {
        Some((bytes, floor)) => {
            let (bytes, floor) = (bytes as f64 / 1e6, floor as f64 / 1e6);
            format!("{} ({:.1}×)", three_digits(bytes), bytes / floor)
        }
        None => "not measured".to_owned(),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn three_digits(value: f64) -> String {
    let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Time;

    fn cost(function: Program, cold_ms: u64, warm_us: u64, bytes: u64) -> Cost {
        let time = |cpu| Time { cpu, wall: cpu };
        let life = || Life {
            start: time(Duration::from_millis(cold_ms - 1)),
            first_call: time(Duration::from_millis(1)),
            warm_calls: vec![time(Duration::from_micros(warm_us)); 3],
            peak_memory: bytes,
        };
        let bootstrap = Bootstrap {
            function,
            path: "bootstrap".into(),
            remembers: false,
            size: bytes,
            compressed: Some(bytes / 2),
        };
        Cost { bootstrap, lives: vec![life(), life()], shares: Vec::new(), remote: Vec::new() }
    }

    fn report(costs: Vec<Cost>) -> String {
        Report { costs, starts: 2, warm_calls: 6, hung_up: Vec::new(), endurance: Vec::new() }.to_string()
    }

    #[test]
    fn a_quantile_sorts_its_values() {
        assert_eq!(quantile(&[9.0, 1.0, 5.0], 0.5), 5.0);
        assert_eq!(quantile(&[9.0, 1.0, 5.0], 1.0), 9.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_report_has_multiples_of_the_floor_and_the_missed_targets() {
        let costs = vec![cost(Program::Floor, 2, 100, 1_000_000), cost(Program::REDIRECT, 4, 500, 5_000_000)];
        let report = report(costs);
        assert!(
            report.contains(
                "| cold (start + first call), CPU ms | 2.00 (1.00×, 1.00–1.00) | 4.00 (2.00×, 2.00–2.00) |"
            ),
            "{report}"
        );
        assert!(
            report.contains("- met: redirect: cold CPU is 2.00× the baseline's (target: at most 2.2×"),
            "{report}"
        );
        assert!(report.contains("- missed: redirect: warm CPU is 5.00× the baseline's"), "{report}");
        assert!(report.contains("- met: redirect: the zipped `bootstrap` is 2.50 MB"), "{report}");
    }

    #[test]
    fn ratios_compare_values_of_the_same_turn() {
        // In the second turn, both programs took twice as long.
        assert_eq!(quartiles(&[3.0, 6.0], &[1.0, 2.0]), Some([3.0, 3.0, 3.0]));
        assert_eq!(quartiles(&[], &[]), None);
    }
}
