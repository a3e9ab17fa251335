//! The data directory: its permissions, unrelated files in it, and broken files.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use local::data::DataDir;
use local::issuer::Key;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A directory for one test, which is deleted after the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("signpost-data-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Locks a directory that was just unlocked. A child process that another test starts meanwhile inherits the lock, and
/// keeps it until the child runs its own program.
fn lock_again(path: &Path) -> DataDir {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match DataDir::lock(path) {
            Ok(data) => return data,
            Err(sentence) => assert!(Instant::now() < deadline, "{sentence}"),
        }
        sleep(Duration::from_millis(10));
    }
}

fn key(data: &DataDir) -> Result<Key, String> {
    data.signing_key(Key::generate, Key::from_pem)
}

#[test]
fn only_its_owner_can_read_a_new_directory_and_its_files() {
    let directory = Directory::new();
    let path = directory.data();
    let data = DataDir::lock(&path).unwrap();
    let made = key(&data).unwrap();
    assert_eq!(mode(&path), 0o700);
    for file in ["lock", "dynamodb.sqlite", "issuer.pem"] {
        assert_eq!(mode(&path.join(file)), 0o600, "{file}");
    }
    assert!(!path.join("issuer.pem.new").exists());
    drop(data);
    let again = key(&lock_again(&path)).unwrap();
    assert_eq!(made.public_pem(), again.public_pem());
}

#[test]
fn a_directory_that_others_could_read_is_closed_with_its_files() {
    let directory = Directory::new();
    let path = directory.data();
    fs::create_dir(&path).unwrap();
    set_mode(&path, 0o755);
    let files =
        ["lock", "dynamodb.sqlite", "dynamodb.sqlite-wal", "dynamodb.sqlite-shm", "issuer.pem", "event.json"];
    for file in files {
        fs::write(path.join(file), "").unwrap();
        set_mode(&path.join(file), 0o644);
    }
    let _data = DataDir::lock(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
    for file in files {
        assert_eq!(mode(&path.join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_directory_with_other_files_keeps_its_permissions() {
    let directory = Directory::new();
    let shared = directory.data();
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("notes.txt"), "").unwrap();
    let sticky = directory.0.join("sticky");
    fs::create_dir(&sticky).unwrap();
    for (path, before) in [(&shared, 0o755), (&sticky, 0o1777)] {
        set_mode(path, before);
        let _data = DataDir::lock(path).unwrap();
        assert_eq!(mode(path), before);
        assert_eq!(mode(&path.join("dynamodb.sqlite")), 0o600);
        assert_eq!(mode(&path.join("lock")), 0o600);
    }
    assert_ne!(mode(&shared.join("notes.txt")), 0o600);
}

#[test]
fn only_regular_files_are_opened_and_symbolic_links_never_followed() {
    for file in ["lock", "dynamodb.sqlite", "issuer.pem", "issuer.pem.new", "dynamodb.sqlite-wal"] {
        let target = |directory: &Directory| directory.0.join("precious");
        for (what, make) in [
            ("a link", (|from: &Path, to: &Path| symlink(to, from).unwrap()) as fn(&Path, &Path)),
            ("a dangling link", |from, to| symlink(to.with_extension("missing"), from).unwrap()),
            ("a directory", |from, _| fs::create_dir(from).unwrap()),
            ("a pipe", |from, _| assert!(Command::new("mkfifo").arg(from).status().unwrap().success())),
        ] {
            let directory = Directory::new();
            fs::write(target(&directory), "precious").unwrap();
            set_mode(&target(&directory), 0o644);
            let path = directory.data();
            fs::create_dir(&path).unwrap();
            make(&path.join(file), &target(&directory));
            let sentence = DataDir::lock(&path).and_then(|data| key(&data).map(drop)).unwrap_err();
            assert_eq!(
                sentence,
                format!("{} is not a regular file; move it away", path.join(file).display()),
                "{what}"
            );
            assert_eq!(fs::read_to_string(target(&directory)).unwrap(), "precious", "{file} {what}");
            assert_eq!(mode(&target(&directory)), 0o644, "{file} {what}");
            assert!(!target(&directory).with_extension("missing").exists(), "{file} {what}");
        }
    }
    // The data directory itself may be a symbolic link to another place.
    let directory = Directory::new();
    fs::create_dir(directory.0.join("elsewhere")).unwrap();
    symlink(directory.0.join("elsewhere"), directory.data()).unwrap();
    key(&DataDir::lock(&directory.data()).unwrap()).unwrap();
}

#[test]
fn a_key_is_written_to_a_new_file_whatever_its_draft_was() {
    let directory = Directory::new();
    let path = directory.data();
    fs::create_dir(&path).unwrap();
    let other = directory.0.join("other");
    fs::write(&other, "somebody's").unwrap();
    // A hard link to another file looks like a regular file, but the other file must not be overwritten.
    fs::hard_link(&other, path.join("issuer.pem.new")).unwrap();
    key(&DataDir::lock(&path).unwrap()).unwrap();
    assert_eq!(fs::read_to_string(&other).unwrap(), "somebody's");
    assert!(!path.join("issuer.pem.new").exists());
    assert_eq!(mode(&path.join("issuer.pem")), 0o600);
}

#[test]
fn an_invalid_key_file_is_reported_with_what_to_do_and_never_replaced() {
    let good = Key::generate().unwrap();
    let (half, _) = good.split_at(good.len() / 2);
    for broken in
        ["", "\n", half, "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", "\u{0}\u{0}\u{0}"]
    {
        let directory = Directory::new();
        let data = DataDir::lock(&directory.data()).unwrap();
        let path = directory.data().join("issuer.pem");
        fs::write(&path, broken).unwrap();
        let sentence = key(&data).err().unwrap();
        assert!(sentence.starts_with(&format!("the file {} cannot be used: ", path.display())), "{sentence}");
        assert!(sentence.contains("restore it, or delete it"), "{sentence}");
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
        fs::remove_file(&path).unwrap();
        key(&data).unwrap();
    }
}

#[test]
fn leftovers_of_a_killed_process_do_not_stop_the_next() {
    let directory = Directory::new();
    let data = DataDir::lock(&directory.data()).unwrap();
    let (draft, path) = (directory.data().join("issuer.pem.new"), directory.data().join("issuer.pem"));
    // The key is written to a draft, which is then renamed. If the draft cannot be written, there is no key.
    fs::create_dir(&draft).unwrap();
    assert!(key(&data).is_err());
    assert!(!path.exists());
    fs::remove_dir(&draft).unwrap();
    fs::write(&draft, "half a key").unwrap();
    let made = key(&data).unwrap();
    assert!(!draft.exists());
    assert_eq!(made.public_pem(), key(&data).unwrap().public_pem());
}

#[test]
fn a_directory_is_used_by_one_process_at_a_time() {
    let directory = Directory::new();
    let first = DataDir::lock(&directory.data()).unwrap();
    let sentence = DataDir::lock(&directory.data()).unwrap_err();
    assert!(
        sentence
            .ends_with("is in use by another Signpost; stop it, or choose another directory with --data-dir"),
        "{sentence}"
    );
    drop(first);
    lock_again(&directory.data());
    let file = directory.0.join("file");
    fs::write(&file, "").unwrap();
    assert!(DataDir::lock(&file).unwrap_err().starts_with("the data directory "));
}
