//! `snaptape inspect --format html|markdown`.

use std::fs;

use snaptape_testdata::handmade::Rdb;

use crate::run::said;

fn inspect(path: &std::path::Path, args: &[&str]) -> (bool, String, String) {
    let (status, out, error) = said(&[&["inspect", path.to_str().expect("a path")], args].concat());
    (status == Some(0), out, error)
}

#[test]
fn names_are_given_as_they_were_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("dump.rdb");
    let rdb =
        Rdb::new("REDIS0011").aux("redis-ver", "7.2.4").select(0).string("customer:4711", "secret value");
    fs::write(&path, rdb.finish()).expect("it is ours");
    for format in ["html", "markdown"] {
        let (ok, text, said) = inspect(&path, &["--format", format]);
        assert!(
            ok && text.contains("customer:4711") && text.contains("Redis 7.2 loads the one key"),
            "{text}{said}"
        );
        assert!(!text.contains("secret"), "a document holds no value");

        let (_, masked, _) = inspect(&path, &["--format", format, "--keys", "masked"]);
        assert!(masked.contains("xxxxxxxx:9999 #2") && !masked.contains("customer"), "{masked}");

        let (_, hashed, said) = inspect(&path, &["--format", format, "--keys", "hashed"]);
        assert!(!hashed.contains("customer") && said.contains("The salt is "), "{said}");
        let salt = said.split_whitespace().nth(3).expect("digits").trim_end_matches('.');
        assert!(!hashed.contains(salt), "the salt stays out of the document");
        let (_, again, said) = inspect(&path, &["--format", format, "--keys", "hashed", "--salt", salt]);
        assert!(said.is_empty(), "{said}");
        let lines = |text: &str| {
            text.lines().filter(|line| !line.contains("Made by")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines(&again), lines(&hashed), "the same salt, the same hashes");
    }
}

#[test]
fn names_are_hidden_in_documents_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("dump.rdb");
    fs::write(&path, Rdb::new("REDIS0011").select(0).finish()).expect("it is ours");
    for args in [
        &["--keys", "masked"][..],
        &["--json", "--keys", "hashed"],
        &["--format", "html", "--keys", "masked", "--salt", "00"],
    ] {
        let (ok, text, said) = inspect(&path, args);
        assert!(!ok && text.is_empty() && !said.is_empty(), "{args:?}: {text}{said}");
    }
    let (ok, text, _) = inspect(&path, &["--format", "json"]);
    assert!(ok && text.starts_with('{'));
}
