//! The data directory keeps its data, whatever its name is.

use super::{Directory, Running, client, create, sentence, signpost};
use std::fs;

#[test]
fn a_broken_file_is_reported_with_what_to_do() {
    let directory = Directory::new();
    fs::create_dir(&directory.0).unwrap();
    let path = directory.0.join("issuer.pem");
    fs::write(&path, "").unwrap();
    let arguments = ["--port", "0", "--auth-port", "0", "--dynamodb-port", "0", "--data-dir"];
    let start = || signpost(&arguments).arg(&directory.0).output().unwrap();
    let told = sentence(&start());
    assert!(told.starts_with(&format!("error: the file {} cannot be used: ", path.display())), "{told}");
    fs::remove_file(path).unwrap();
    let path = directory.0.join("dynamodb.sqlite");
    fs::write(&path, "this is no database, and never was one".repeat(100)).unwrap();
    let told = sentence(&start());
    assert!(told.starts_with(&format!("error: the store {} cannot be opened: ", path.display())), "{told}");
    assert!(told.ends_with("; restore it, or move it away to start with an empty one\n"), "{told}");
    assert!(!told.contains("encryption"), "{told}");
}

#[tokio::test]
async fn the_name_of_a_data_directory_is_never_interpreted() {
    let directory = Directory::new();
    fs::create_dir(&directory.0).unwrap();
    // SQLite would interpret such a name as a URI, and open another file or none at all.
    for name in ["file:data", "file:data?mode=memory&x=", "a%20b#c", ":memory:"] {
        let mut command =
            signpost(&["--port", "0", "--auth-port", "0", "--dynamodb-port", "0", "--data-dir"]);
        let mut running = Running::spawn(command.arg(name).current_dir(&directory.0));
        let slug = create(&client(), &running.links(), &running.token("member")).await;
        assert!(slug.is_some(), "{name}");
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        assert!(fs::metadata(directory.0.join(name).join("dynamodb.sqlite")).unwrap().len() > 0, "{name}");
    }
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt;
        let path = directory.0.join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
        let mut command =
            signpost(&["--port", "0", "--auth-port", "0", "--dynamodb-port", "0", "--data-dir"]);
        let told = sentence(&command.arg(&path).output().unwrap());
        assert!(
            told.ends_with("its path is not UTF-8; choose another directory with --data-dir\n"),
            "{told}"
        );
    }
}
