//! The data directory of `cargo run`, which only its owner can read.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";
const DATABASE: &str = "dynamodb.sqlite";
const SIGNING_KEY: &str = "issuer.pem";
const SIGNING_KEY_DRAFT: &str = "issuer.pem.new";
/// The names of Signpost's files, including those that SQLite creates beside its database. A command in the README
/// writes `event.json` here.
const FILES: [&str; 8] = [
    LOCK,
    DATABASE,
    "dynamodb.sqlite-journal",
    "dynamodb.sqlite-shm",
    "dynamodb.sqlite-wal",
    SIGNING_KEY,
    SIGNING_KEY_DRAFT,
    "event.json",
];
/// The maximum number of bytes to read. A signing key is much smaller.
const MAX_SIGNING_KEY: u64 = 64 * 1024;
const STICKY: u32 = 0o1000;

/// A data directory that is locked until this value is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// The operating system releases the lock when the process ends.
    _lock: File,
}

impl DataDir {
    /// Locks the directory, creates it if necessary, and makes its files private.
    ///
    /// The directory itself is made private only if all files in it are ours, because a directory with other files may
    /// be shared on purpose. Only regular files are opened, and symbolic links are never followed.
    ///
    /// # Errors
    /// The directory cannot be written, or another process has locked it. Returns the reason as a sentence.
    pub fn lock(path: &Path) -> Result<Self, String> {
        let failed =
            |error: io::Error| format!("the data directory {} cannot be used: {error}", path.display());
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let of_file = |name: &str| path.join(name);
        let lock = open(&of_file(LOCK), OpenOptions::new().write(true).create(true).truncate(false))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "the data directory {} is in use by another Signpost; stop it, or choose another directory with --data-dir",
                    path.display()
                ));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        close_directory(path).map_err(failed)?;
        // SQLite would make this file readable for all users. SQLite's other files get the mode of the database file.
        open(&of_file(DATABASE), OpenOptions::new().write(true).create(true).truncate(false))?;
        for name in FILES {
            let file = of_file(name);
            match fs::symlink_metadata(&file) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                _ => {
                    let opened = open(&file, OpenOptions::new().read(true))?;
                    close_file(&opened).map_err(|error| {
                        format!("the file {} cannot be made private: {error}", file.display())
                    })?;
                }
            }
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Returns the path of the engine's database file.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Reads the issuer's private key and parses it with `parse`. If there is no key yet, creates one with `make` and
    /// stores it, so that tokens stay valid after a restart.
    ///
    /// # Errors
    /// The file cannot be read, cannot be written, or contains no key; or `make` fails. The error contains the file's
    /// path and says what to do.
    pub fn signing_key<T>(
        &self,
        make: impl FnOnce() -> Result<String, String>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, String> {
        let path = self.path.join(SIGNING_KEY);
        let pem = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let pem = make()?;
                self.keep_signing_key(&path, &pem)?;
                pem
            }
            _ => {
                let mut pem = Vec::new();
                let file = open(&path, OpenOptions::new().read(true))?;
                let read = file.take(MAX_SIGNING_KEY).read_to_end(&mut pem);
                read.map_err(|error| format!("the issuer's key {} cannot be read: {error}", path.display()))?;
                String::from_utf8_lossy(&pem).into_owned()
            }
        };
        parse(&pem).map_err(|rule| {
            format!(
                "the file {} cannot be used: {rule}; restore it, or delete it to create a new key, which invalidates all \
                 existing tokens",
                path.display()
            )
        })
    }

    /// Writes the key to a temporary file, flushes it to disk and renames it, so that a crash never leaves an
    /// incomplete key.
    fn keep_signing_key(&self, path: &Path, pem: &str) -> Result<(), String> {
        let draft = self.path.join(SIGNING_KEY_DRAFT);
        let failed =
            |error: io::Error| format!("the issuer's key {} cannot be written: {error}", path.display());
        // A leftover draft is deleted, not overwritten: it may be a hard link to another file.
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut file = open(&draft, OpenOptions::new().write(true).create_new(true))?;
        file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&draft, path).and_then(|()| File::open(&self.path)?.sync_all()).map_err(failed)
    }
}

/// Opens a regular file that only its owner can read. With `O_NONBLOCK`, opening a named pipe does not block.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File, String> {
    let not_regular = || format!("{} is not a regular file; move it away", path.display());
    let file = options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path);
    let file = file.map_err(|error| match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => not_regular(),
        _ => format!("the file {} cannot be opened: {error}", path.display()),
    })?;
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(file),
        _ => Err(not_regular()),
    }
}

fn close_file(file: &File) -> io::Result<()> {
    // Not every file system can change a mode, so the mode is changed only if necessary.
    if file.metadata()?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(0o600))
}

fn close_directory(path: &Path) -> io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    let mut entries = fs::read_dir(path)?;
    let is_ours = entries.all(|entry| {
        entry.is_ok_and(|entry| entry.file_name().to_str().is_some_and(|name| FILES.contains(&name)))
    });
    if is_ours && permissions.mode() & STICKY == 0 && permissions.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(permissions.mode() & !0o077))?;
    }
    Ok(())
}
