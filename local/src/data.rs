//! Where `cargo run` keeps its data.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A data directory that is ours alone for as long as this lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// The lock goes with the process, however it ends.
    _lock: File,
}

impl DataDir {
    /// Takes the directory, making it if need be.
    ///
    /// # Errors
    /// It cannot be written, or another process has it; as a sentence.
    pub fn lock(path: &Path) -> Result<Self, String> {
        let failed =
            |error: std::io::Error| format!("the data directory {} cannot be used: {error}", path.display());
        fs::create_dir_all(path).map_err(failed)?;
        let lock = File::create(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(format!(
                "the data directory {} is in use by another Signpost; stop it, or give another with --data-dir",
                path.display()
            )),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The engine's file.
    pub fn database(&self) -> PathBuf {
        self.path.join("dynamodb.sqlite")
    }

    /// The issuer's private key, kept so that tokens stay valid over a restart; made by `make` the first time.
    ///
    /// # Errors
    /// The file cannot be read or written, or `make` fails; as a sentence.
    pub fn signing_key(&self, make: impl FnOnce() -> Result<String, String>) -> Result<String, String> {
        let path = self.path.join("issuer.pem");
        let failed =
            |error: std::io::Error| format!("the issuer's key {} cannot be kept: {error}", path.display());
        if path.exists() {
            return fs::read_to_string(&path).map_err(failed);
        }
        let pem = make()?;
        // Under another name first: a process killed in between leaves no half of a key behind.
        let draft = self.path.join("issuer.pem.new");
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft);
        file.and_then(|mut file| file.write_all(pem.as_bytes())).map_err(failed)?;
        fs::rename(&draft, &path).map_err(failed)?;
        Ok(pem)
    }
}
