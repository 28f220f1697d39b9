//! No name of a key in a document that hides them, whatever is wrong with the files.

use std::collections::BTreeSet;

use snaptape_engine::{InputFile, Job, Options, Outcome};
use snaptape_report::KeyName;
use snaptape_summary::{
    Facts,
    document::{DocumentOptions, document, html, markdown},
    names::{Naming, Salt},
};
use snaptape_testdata::{cases, files, handmade::Rdb, roots};

/// What the engine says, and the names of all keys it came by.
fn read(files: &[(String, Vec<u8>)]) -> (Outcome, BTreeSet<Vec<u8>>) {
    let inputs =
        files.iter().map(|(path, bytes)| InputFile { path: path.clone(), bytes: bytes.len() as u64 });
    let options = Options { now_ms: 1_790_000_000_000, deep: true, ..Options::default() };
    let mut job = Job::new(inputs.collect(), options).expect("there are files");
    let mut names = BTreeSet::new();
    while !job.is_done() {
        while let Some(request) = job.next_read() {
            let start = usize::try_from(request.offset).expect("in memory");
            let file = &files[request.file].1;
            let window = &file[start.min(file.len())..(start + request.len).min(file.len())];
            job.feed_keys(&request, window, |key, _| {
                names.insert(key.name.to_vec());
            });
        }
    }
    let outcome = job.finish();
    let busy = outcome.report.tape.iter().flat_map(|tape| &tape.busiest.by_commands).map(|key| &key.name);
    names.extend(busy.map(KeyName::to_bytes));
    (outcome, names)
}

fn texts(outcome: &Outcome, naming: Naming) -> [String; 2] {
    let options = DocumentOptions { naming, version: "1.2.3".into(), now_ms: 1_790_000_000_000 };
    let facts = Facts { report: &outcome.report, check: &outcome.check, plans: &outcome.plans };
    let document = document(facts, &options);
    [html(&document), markdown(&document)]
}

fn hidden() -> [Naming; 2] {
    [Naming::Masked, Naming::Hashed(Salt::new([7; 16]))]
}

/// Names that a word of the document could be by chance.
fn is_telling(name: &str) -> bool {
    let signs = name.chars().any(|c| !c.is_ascii_alphabetic());
    let letters = name.chars().any(char::is_alphabetic);
    name.len() >= 5 && signs && letters
}

#[test]
fn no_name_of_the_corpus_is_in_a_document_that_hides_names() {
    let (mut n_names, mut n_found, mut n_inputs) = (0, 0, 0);
    for folder in ["rdb", "rdb-damaged", "aof", "aof-damaged"] {
        for case in cases(&roots()[0], folder) {
            let (outcome, names) = read(&files(&case.path));
            n_inputs += 1;
            let shown = texts(&outcome, Naming::Shown).concat();
            let texts = hidden().map(|naming| texts(&outcome, naming).concat());
            // Names of files, and what the writer says of itself, are no names of keys.
            let files: String = outcome.report.files.iter().map(|file| file.name.clone()).collect();
            for name in names
                .iter()
                .filter_map(|name| core::str::from_utf8(name).ok())
                .filter(|name| is_telling(name))
            {
                n_names += 1;
                n_found += usize::from(shown.contains(name));
                for text in &texts {
                    assert!(!text.contains(name) || files.contains(name), "{}: {name}\n{text}", case.name);
                }
            }
        }
    }
    println!("{n_inputs} inputs, {n_names} names, {n_found} of them in the documents that show them");
    assert!(n_inputs > 200 && n_names > 5_000 && n_found > 1_000, "{n_inputs} {n_names} {n_found}");
}

#[test]
fn what_findings_quote_is_left_out_too() {
    let rdb = || Rdb::new("REDIS0011").aux("redis-ver", "7.2.4").select(0);
    let whole = rdb().string("zanzibar", "1").string("zanzibar", "2").string("quokka", "3").finish();
    let cut = {
        let mut bytes = rdb().string("zanzibar", "1").string("quokka", &"v".repeat(50)).finish();
        bytes.truncate(bytes.len() - 20);
        bytes
    };
    let tape = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$8\r\nzanzibar\r\n$1\r\n1\r\n*3\r\n$6\r\nRENAME\r\n$8\r\nzanzibar\r\n$6\r\nquokka\r\n\
        *3\r\n$5\r\nLPUSH\r\n$6\r\nquokka\r\n$1\r\n1\r\n*2\r\n$8\r\nwombat:x\r\n$1\r\n1\r\n*1\r\n$8\r\nFLUSHALL\r\n*3\r\n$3\r\nSET\r\n$8\r\nzanz"
        .to_vec();
    let mut quoted = 0;
    for (path, bytes) in [("a.rdb", whole), ("b.rdb", cut), ("c.aof", tape)] {
        let (outcome, _) = read(&[(path.to_owned(), bytes)]);
        quoted += outcome
            .report
            .findings
            .iter()
            .filter(|finding| finding.message.contains("zanzibar") || finding.message.contains("quokka"))
            .count();
        for text in hidden().map(|naming| texts(&outcome, naming).concat()) {
            for name in ["zanzibar", "quokka"] {
                assert!(!text.contains(name), "{path}: {name}\n{text}");
            }
        }
    }
    assert!(quoted > 0, "no finding quotes a name: this test shows nothing");
}

#[test]
fn documents_of_hostile_names_stay_documents() {
    let names = [
        "<script>alert(1)</script>",
        "a|b|c",
        "```x```",
        "line\nbreak",
        "\u{202e}gnp.exe",
        "[x](javascript:alert(1))",
    ];
    let rdb = names
        .iter()
        .fold(Rdb::new("REDIS0011").aux("redis-ver", "7.2.4").select(0), |rdb, name| rdb.string(name, "v"));
    let (outcome, _) = read(&[("x.rdb".to_owned(), rdb.finish())]);
    let [html, markdown] = texts(&outcome, Naming::Shown);
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!html.contains('\u{202e}') && !markdown.contains('\u{202e}'));
    assert!(markdown.contains("a\\|b\\|c") && markdown.contains("line\\nbreak"), "{markdown}");
}
