//! The binaries to measure: where they are, and how they are built.

use crate::{Error, event};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use local::functions::Function;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// A program to measure. The program's name is also the name of its package and of its binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The baseline for the others.
    Floor,
    /// A function behind the HTTP API.
    Api(Function),
    /// The function that counts clicks.
    Tally,
}

impl Program {
    /// The function for short URLs.
    pub const REDIRECT: Self = Self::Api(Function::Redirect);

    /// Returns all functions.
    pub fn functions() -> impl Iterator<Item = Self> {
        Function::ALL.into_iter().map(Self::Api).chain([Self::Tally])
    }

    /// Returns the name of the program's package.
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Api(function) => function.name(),
            Self::Tally => "tally",
        }
    }

    /// Returns the parser for a function's name on the command line.
    pub fn parser() -> impl TypedValueParser<Value = Self> {
        let of_this_name = |name: String| Self::functions().find(|function| function.name() == name);
        PossibleValuesParser::new(Self::functions().map(Self::name))
            .try_map(move |name| of_this_name(name).ok_or("there is no such function"))
    }

    /// Checks that `answer` is a successful response.
    ///
    /// # Errors
    /// The response is not successful. The error is a sentence that says what was expected.
    pub fn check(self, answer: &Value) -> Result<(), Error> {
        let (place, success) = match self {
            Self::Tally => ("/clicks", event::CLICKS),
            Self::Api(Function::Create) => ("/statusCode", 201),
            Self::Floor | Self::Api(Function::Redirect | Function::Open) => ("/statusCode", 302),
            Self::Api(_) => ("/statusCode", 200),
        };
        if answer.pointer(place).and_then(Value::as_u64) == Some(success) {
            return Ok(());
        }
        Err(format!("expected {place} to be {success} in the response {answer}").into())
    }

    /// Returns whether the program primes its connection to DynamoDB when it starts.
    pub fn primes(self) -> bool {
        let without = [Function::Session, Function::Docs, Function::Console];
        self != Self::Floor && !without.map(Self::Api).contains(&self)
    }

    fn folder(self) -> PathBuf {
        match self {
            Self::Floor => "bench/floor".into(),
            _ => Path::new("functions").join(self.name()),
        }
    }
}

/// A built binary.
#[derive(Clone)]
pub struct Bootstrap {
    pub function: Program,
    pub path: PathBuf,
    /// Whether calls are measured while the link is in the instance's cache.
    pub remembers: bool,
    /// In bytes.
    pub size: u64,
    /// In bytes, compressed as in a deployment package; `None` without `gzip`.
    pub compressed: Option<u64>,
}

impl Bootstrap {
    /// Returns the baseline and the functions in `only`, or all functions if `only` is empty. Builds the
    /// binaries, or finds existing builds.
    pub fn with_floor(only: &[Program], build: bool) -> Result<Vec<Self>, Error> {
        let floor = Workspace::find()?.bootstrap(Program::Floor, build)?;
        Ok([floor].into_iter().chain(Self::without_floor(only, build)?).collect())
    }

    /// Like `with_floor`, but without the baseline.
    pub fn without_floor(only: &[Program], build: bool) -> Result<Vec<Self>, Error> {
        let workspace = Workspace::find()?;
        let is_selected = |function: &Program| only.is_empty() || only.contains(function);
        let functions = Program::functions().filter(is_selected);
        functions.map(|function| workspace.bootstrap(function, build)).collect()
    }

    /// Returns the bootstrap's name in tables.
    pub fn label(&self) -> String {
        format!("{}{}", self.function.name(), if self.remembers { ", cached" } else { "" })
    }

    /// Returns the same binary, measured with a cached link.
    pub fn remembering(&self) -> Self {
        Self { remembers: true, ..self.clone() }
    }
}

struct Workspace {
    root: PathBuf,
    target: PathBuf,
    triple: String,
}

impl Workspace {
    fn find() -> Result<Self, Error> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let metadata = output(&mut cargo(here, &["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Value = serde_json::from_slice(&metadata)?;
        let path = |name: &str| metadata.get(name).and_then(Value::as_str).map(PathBuf::from);
        let (root, target) =
            path("workspace_root").zip(path("target_directory")).ok_or("cargo reports no workspace")?;
        let version = String::from_utf8(output(Command::new("rustc").arg("-vV").current_dir(here))?)?;
        let triple =
            version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc reports no host")?;
        Ok(Self { root, target, triple: triple.to_owned() })
    }

    fn bootstrap(&self, function: Program, build: bool) -> Result<Bootstrap, Error> {
        let built = if build { self.build(function)? } else { self.built(function)? };
        eprintln!("measuring {}", built.display());
        let path = self.unpacked(function, &built)?;
        Ok(Bootstrap {
            function,
            remembers: false,
            size: fs::metadata(&path)?.len(),
            compressed: compressed(&path),
            path,
        })
    }

    /// Builds the package from its own folder. If it were built together with other packages, it would also get the
    /// features that those packages need.
    fn build(&self, function: Program) -> Result<PathBuf, Error> {
        eprintln!("building {}", function.name());
        let folder = self.root.join(function.folder());
        let status = cargo(&folder, &["build", "--release", "--target", &self.triple]).status()?;
        if status.success() { Ok(self.left_by_cargo(function)) } else { Err("the build failed".into()) }
    }

    /// Finds the binary. The output of `sam build` or `cargo lambda build` takes precedence, because that is the
    /// binary that would be deployed.
    fn built(&self, function: Program) -> Result<PathBuf, Error> {
        let packaged = self.target.join("lambda").join(function.name()).join("bootstrap");
        let plain = self.left_by_cargo(function);
        let found = [packaged, plain].into_iter().find(|path| path.exists());
        found.ok_or_else(|| format!("{} is not built; omit --no-build", function.name()).into())
    }

    /// Copies the binary; on Lambda, unpacking copies it too. The file that the linker has just written is in smaller
    /// pieces of the page cache than a copy. If this file were started, the start would have more page faults, and
    /// would take a tenth longer than on Lambda.
    fn unpacked(&self, function: Program, built: &Path) -> Result<PathBuf, Error> {
        let folder = self.target.join("bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join(function.name());
        fs::copy(built, &path)?;
        Ok(path)
    }

    fn left_by_cargo(&self, function: Program) -> PathBuf {
        self.target.join(&self.triple).join("release").join(function.name())
    }
}

/// Returns a cargo command without the variables that the running cargo set for this package. A build script that reads
/// such a variable would see a change, and everything that depends on the script would be rebuilt each time.
fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
        cargo.env_remove(name);
    }
    cargo.current_dir(folder).args(arguments);
    cargo
}

fn output(command: &mut Command) -> Result<Vec<u8>, Error> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if output.status.success() { Ok(output.stdout) } else { Err(format!("{command:?} failed").into()) }
}

fn compressed(path: &Path) -> Option<u64> {
    let compressed = output(Command::new("gzip").arg("--stdout").arg(path)).ok()?;
    u64::try_from(compressed.len()).ok()
}
