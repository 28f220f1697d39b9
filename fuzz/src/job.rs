//! The whole way: what a front end asks, over one file.

use snaptape_engine::{InputFile, Job, Options, Outcome, Source, in_memory};
use snaptape_report::FindingKind;

/// Any window gives the same answers, and carrying out a plan gives what is sound.
pub(crate) fn job(input: &[u8]) {
    let whole = outcome(&[("input".into(), input.to_vec())], 8 << 20);
    // Every byte on its own takes too long for long inputs.
    let windows = 60 + crate::cuts(input).first().copied().unwrap_or_default();
    assert_eq!(
        outcome(&[("input".into(), input.to_vec())], windows),
        whole,
        "windows of {windows} change the answers"
    );
    for plan in &whole.plans {
        let copy: Vec<(String, Vec<u8>)> = plan
            .outputs
            .iter()
            .map(|output| {
                let source = whole.sources.iter().find(|source| source.path == output.source);
                let input = source.map(|source| contents(source, input)).unwrap_or_default();
                let bytes = in_memory(output, &input).expect("as it was read");
                assert_eq!(bytes.len() as u64, output.bytes());
                (output.name.clone(), bytes)
            })
            .collect();
        let again = outcome(&copy, 8 << 20);
        // As for `salvage`: a copy may show that something is not known here.
        if again.check.findings.iter().any(|finding| finding.kind == FindingKind::Unsupported) {
            continue;
        }
        assert!(again.check.is_undamaged(), "the copy of plan {}: {:?}", plan.name, again.check.findings);
    }
}

/// What is in a source.
fn contents(source: &Source, input: &[u8]) -> Vec<u8> {
    let packed = &input[offset(source.start)..offset(source.end)];
    let Some(mut unpacker) = source.unpacker() else { return packed.to_vec() };
    let mut contents = Vec::new();
    unpacker.push(packed, &mut |piece| contents.extend_from_slice(piece));
    unpacker.finish(&mut |piece| contents.extend_from_slice(piece));
    contents
}

fn offset(offset: u64) -> usize {
    usize::try_from(offset).expect("an offset in the input")
}

fn outcome(files: &[(String, Vec<u8>)], window_bytes: usize) -> Outcome {
    let inputs =
        files.iter().map(|(path, bytes)| InputFile { path: path.clone(), bytes: bytes.len() as u64 });
    let options = Options { window_bytes, ..Options::default() };
    let mut job = Job::new(inputs.collect(), options).expect("there are files");
    let mut reads = 0;
    while !job.is_done() {
        let before = reads;
        while let Some(request) = job.next_read() {
            let start = offset(request.offset);
            let file = &files[request.file].1;
            assert!(start + request.len <= file.len(), "asked for what is not there: {request:?}");
            job.feed(&request, &file[start..start + request.len]);
            reads += 1;
        }
        assert!(reads > before, "the job waits for nothing");
    }
    job.finish()
}
