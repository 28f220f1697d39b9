//! `snaptape key` of a module's value.

use crate::run::{file, json, said, snaptape};

#[test]
fn values_of_modules_have_names() {
    let file = file("modules/redis-7.4.1.rdb");
    let key = |args: &[&str]| said(&[&["key", file.as_str(), "--name"], args].concat());
    let (status, text, _) = key(&["ts:plain"]);
    assert_eq!(status, Some(0));
    assert!(text.contains("\nTime series: 300 samples from 2023-11-14 22:13:21 UTC to "), "{text}");
    assert!(text.contains("\n         1  retention  315360000000 (3650 days)\n"), "{text}");
    assert!(text.contains("\n        11  label 1  room=kitchen\n"), "{text}");
    // 16 rows stand before the samples.
    assert!(text.ends_with("\n... and 216 behind them: --elements 100..\n"), "{text}");
    let (_, text, _) = key(&["ts:plain", "--elements", "315.."]);
    assert!(
        text.ends_with("\n       315  1705101226598 (2024-01-12 23:13:46 UTC)  29.900000000000002\n"),
        "{text}"
    );

    let (_, text, _) = key(&["json:array"]);
    assert!(text.ends_with("\narray (0)\n"), "{text}");
    let (_, text, notes) = key(&["json:text", "--commands"]);
    assert_eq!(text, "SELECT 0\nJSON.SET \"json:text\" $ \"\\\"plain\\\"\"\n");
    assert!(notes.contains("needs a module that has JSON.SET"), "{notes}");
    let (status, text, why) = key(&["cms", "--commands"]);
    assert!(status != Some(0) && text.is_empty() && why.contains("RESTORE takes it over"), "{text}{why}");

    let document = json(&snaptape(&["key", &file, "--name", "bloom:one", "--json"]));
    let module = &document["figures"]["module"];
    assert_eq!((&module["encoding_version"], &module["is_named"]), (&4.into(), &true.into()));
    assert_eq!(document["elements"][4]["label"], "sub-filter 1: capacity");
    assert_eq!(document["elements"][4]["strings"][0]["text"], "100");
}
