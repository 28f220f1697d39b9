//! The structure of whatever it is.

use snaptape_engine::{InputFile, Job, Options};
use snaptape_report::{ByteSpan, FilePlaces, StructurePage, StructureQuery};
use snaptape_structure::{Marks, Walk};

use crate::Random;

/// Spans cover the file without gap or overlap, and are the same however it is cut and wherever reading begins.
pub(crate) fn structure(input: &[u8]) {
    let files = vec![InputFile { path: "input".into(), bytes: input.len() as u64 }];
    let mut job = Job::new(files, Options::default()).expect("one input");
    while let Some(request) = job.next_read() {
        let start = usize::try_from(request.offset).expect("within the input");
        job.feed(&request, &input[start..start + request.len]);
    }
    let outcome = job.finish();
    // What is packed is read by another test.
    if outcome.sources.iter().any(snaptape_engine::Source::is_packed) || outcome.report.files.is_empty() {
        return;
    }
    let total = input.len() as u64;
    let mut random = Random::new(total);
    let mut start = 0;
    while start < total {
        let places = FilePlaces::of(&outcome.report, 0, start).expect("the file");
        let query = StructureQuery { start, len: total - start, inside: None };
        let page = walk(&places, query.clone(), input, usize::MAX);
        let cut = 1 + random.below(50);
        assert!(walk(&places, query, input, cut) == page, "pieces of {cut} bytes change the structure");
        assert!(page.end > start, "nothing is said from {start} on");
        tile(&page.spans, page.start, page.end);
        let unpacks: Vec<u64> = page.spans.iter().flat_map(unpacking).collect();
        for at in unpacks.into_iter().take(4) {
            let query = StructureQuery { start: 0, len: 1 << 20, inside: Some(at) };
            let page = walk(&FilePlaces::of(&outcome.report, 0, at).expect("the file"), query, input, 1000);
            tile(&page.spans, 0, page.end);
        }
        start = page.end;
    }
}

fn walk(places: &FilePlaces, query: StructureQuery, input: &[u8], cut: usize) -> StructurePage {
    let mut walk = Walk::new(places.clone(), query, Marks::default());
    while let Some(offset) = walk.wants() {
        let rest = &input[usize::try_from(offset).expect("within the input")..];
        walk.feed(&rest[..rest.len().min(cut)], false);
    }
    walk.finish().0
}

fn unpacking(span: &ByteSpan) -> Vec<u64> {
    let own = span.unpacks.then_some(span.start);
    own.into_iter().chain(span.children.iter().flat_map(unpacking)).collect()
}

fn tile(spans: &[ByteSpan], from: u64, to: u64) {
    let mut at = from;
    for span in spans {
        assert!(span.start == at || (at == from && span.start < from), "a gap or overlap at {at}: {span:?}");
        assert!(span.start < span.end, "an empty span: {span:?}");
        at = span.end;
        if !span.children.is_empty() {
            tile(&span.children, span.start.max(from), span.end.min(to));
        }
    }
    assert!(at >= to, "nothing is said of {at}..{to}");
}
