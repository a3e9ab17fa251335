//! Where `cargo run` keeps its data: a directory that its owner alone can read.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";
const DATABASE: &str = "dynamodb.sqlite";
const SIGNING_KEY: &str = "issuer.pem";
const SIGNING_KEY_DRAFT: &str = "issuer.pem.new";
/// Every file that is ours: what SQLite keeps beside its database too, and the event that the README has written here.
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
/// A key is far smaller.
const MAX_SIGNING_KEY: u64 = 64 * 1024;
const STICKY: u32 = 0o1000;

/// A data directory that is ours alone for as long as this lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// The lock goes with the process, however it ends.
    _lock: File,
}

impl DataDir {
    /// Takes the directory, making it if need be, and lets nobody else read its files.
    ///
    /// The directory itself is closed to others if nothing but our files is in it: a directory that holds other things may
    /// be shared on purpose. Only a plain file is ever opened, never what a link points to.
    ///
    /// # Errors
    /// It cannot be written, or another process has it; as a sentence.
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
        // Before SQLite would make it, readable by all. Its other files get the mode of this one.
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

    /// The engine's file.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The issuer's private key, kept so that tokens stay valid over a restart. The first time, `make` makes one. `parse`
    /// reads it.
    ///
    /// # Errors
    /// The file cannot be read or written, holds no key, or `make` fails; as a sentence that names the file and says what
    /// to do.
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

    /// Writes the key under another name first, down to the disk: a process or a machine that stops in between leaves no
    /// half of a key behind.
    fn keep_signing_key(&self, path: &Path, pem: &str) -> Result<(), String> {
        let draft = self.path.join(SIGNING_KEY_DRAFT);
        let failed =
            |error: io::Error| format!("the issuer's key {} cannot be written: {error}", path.display());
        // What is left of an earlier draft may be another file by a second name.
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut file = open(&draft, OpenOptions::new().write(true).create_new(true))?;
        file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&draft, path).and_then(|()| File::open(&self.path)?.sync_all()).map_err(failed)
    }
}

/// Opens a plain file that nobody else may read. `O_NONBLOCK` is for a named pipe, which would wait for its other end.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File, String> {
    let no_plain_file = || format!("{} is not a regular file; move it away", path.display());
    let file = options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path);
    let file = file.map_err(|error| match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => no_plain_file(),
        _ => format!("the file {} cannot be opened: {error}", path.display()),
    })?;
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(file),
        _ => Err(no_plain_file()),
    }
}

fn close_file(file: &File) -> io::Result<()> {
    // Not every file system can change a mode, and not every file needs it.
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
