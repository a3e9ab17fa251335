//! The binaries to measure: where they are, and how they are built.

use crate::{Error, event};
use clap::ValueEnum;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// What is measured. Package and binary have its name in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Function {
    /// The baseline for the others.
    #[value(skip)]
    Floor,
    Redirect,
    Create,
    List,
    Read,
    Update,
    Delete,
    Handle,
    Open,
    Stats,
    Session,
    Tally,
    Docs,
    Console,
}

impl Function {
    /// Returns its package's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Redirect => "redirect",
            Self::Create => "create",
            Self::List => "list",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Handle => "handle",
            Self::Open => "open",
            Self::Stats => "stats",
            Self::Session => "session",
            Self::Tally => "tally",
            Self::Docs => "docs",
            Self::Console => "console",
        }
    }

    /// Checks that this is a successful response.
    ///
    /// # Errors
    /// It is not. The error says what was expected, as a sentence.
    pub fn check(self, answer: &Value) -> Result<(), Error> {
        let (place, success) = match self {
            Self::Tally => ("/clicks", event::CLICKS),
            Self::Create => ("/statusCode", 201),
            Self::Floor | Self::Redirect | Self::Open => ("/statusCode", 302),
            Self::List
            | Self::Read
            | Self::Update
            | Self::Delete
            | Self::Handle
            | Self::Stats
            | Self::Session
            | Self::Docs
            | Self::Console => ("/statusCode", 200),
        };
        if answer.pointer(place).and_then(Value::as_u64) == Some(success) {
            return Ok(());
        }
        Err(format!("expected {place} to be {success} in the response {answer}").into())
    }

    /// Returns whether it primes its connection to DynamoDB when it starts.
    pub fn primes(self) -> bool {
        !matches!(self, Self::Floor | Self::Session | Self::Docs | Self::Console)
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
    pub function: Function,
    pub path: PathBuf,
    /// Whether it has just read the link, and caches it.
    pub remembers: bool,
    /// In bytes.
    pub size: u64,
    /// In bytes, compressed as in a deployment package; `None` without `gzip`.
    pub compressed: Option<u64>,
}

impl Bootstrap {
    /// Returns the floor and these functions, or all functions if `only` is empty. Builds them, or finds existing builds.
    pub fn beside_floor(only: &[Function], build: bool) -> Result<Vec<Self>, Error> {
        let floor = Workspace::find()?.bootstrap(Function::Floor, build)?;
        Ok([floor].into_iter().chain(Self::of(only, build)?).collect())
    }

    /// Returns these functions alone.
    pub fn of(only: &[Function], build: bool) -> Result<Vec<Self>, Error> {
        let workspace = Workspace::find()?;
        let wanted = |function: &&Function| only.is_empty() || only.contains(function);
        let functions = Function::value_variants().iter().filter(wanted);
        functions.map(|function| workspace.bootstrap(*function, build)).collect()
    }

    /// Returns its name in tables.
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

    fn bootstrap(&self, function: Function, build: bool) -> Result<Bootstrap, Error> {
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

    /// Builds the package from its own folder: built together with others it would get their features too.
    fn build(&self, function: Function) -> Result<PathBuf, Error> {
        eprintln!("building {}", function.name());
        let folder = self.root.join(function.folder());
        let status = cargo(&folder, &["build", "--release", "--target", &self.triple]).status()?;
        if status.success() { Ok(self.left_by_cargo(function)) } else { Err("the build failed".into()) }
    }

    /// Finds the binary. The output of `sam build` and `cargo lambda build`, which would be deployed, takes precedence.
    fn built(&self, function: Function) -> Result<PathBuf, Error> {
        let packaged = self.target.join("lambda").join(function.name()).join("bootstrap");
        let plain = self.left_by_cargo(function);
        let found = [packaged, plain].into_iter().find(|path| path.exists());
        found.ok_or_else(|| format!("{} is not built; omit --no-build", function.name()).into())
    }

    /// Copies the binary, as Lambda unpacks it. The kernel keeps a linker's output in smaller pieces, from which a start
    /// takes a tenth longer, because of page faults that do not occur on Lambda.
    fn unpacked(&self, function: Function, built: &Path) -> Result<PathBuf, Error> {
        let folder = self.target.join("bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join(function.name());
        fs::copy(built, &path)?;
        Ok(path)
    }

    fn left_by_cargo(&self, function: Function) -> PathBuf {
        self.target.join(&self.triple).join("release").join(function.name())
    }
}

/// Returns a cargo command without the variables that the running cargo set for this package: a build script that reads one
/// would see a change, and everything that depends on it would be rebuilt each time.
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
