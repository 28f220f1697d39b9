//! Hostile lengths, and files that are nothing but damage: what is held at once stays bounded, whatever a file says.

use peak_alloc::PeakAlloc;
use snaptape_engine::{InputFile, Job, Options};
use snaptape_report::Verdict;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What a job may take beside its input, here with windows of 1 MiB: two windows, what a parser and a search hold, the folds.
const MAX_BYTES: usize = 48 << 20;

fn run(name: &str, file: &[u8]) -> (Verdict, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let options = Options { window_bytes: 1 << 20, deep: true, ..Options::default() };
    let inputs = vec![InputFile { path: name.into(), bytes: file.len() as u64 }];
    let mut job = Job::new(inputs, options).unwrap();
    while !job.is_done() {
        while let Some(request) = job.next_read() {
            let start = usize::try_from(request.offset).unwrap();
            job.feed(&request, &file[start..start + request.len]);
        }
    }
    let verdict = job.finish().check.verdict;
    (verdict, ALLOCATOR.peak_usage() - before)
}

/// Behind `head` the file goes on with plain entries, so that there is something to search.
fn with_entries(head: &[u8]) -> Vec<u8> {
    let mut file = b"REDIS0011\xfe\x00".to_vec();
    file.extend_from_slice(head);
    for n in 0..2_000_u32 {
        file.extend_from_slice(b"\x00\x0akey:");
        file.extend_from_slice(format!("{n:06}").as_bytes());
        file.extend_from_slice(b"\x05value");
    }
    file.push(0xff);
    file.extend_from_slice(&[0; 8]);
    file
}

#[test]
fn what_a_file_claims_is_not_what_is_held() {
    const HUGE: &[u8] = b"\x81\xff\xff\xff\xff\xff\xff\xff\xff";
    const LARGE: &[u8] = b"\x80\x7f\xff\xff\xff";
    let mut noise = b"REDIS0011\xfe\x00".to_vec();
    let mut state = 1_u64;
    while noise.len() < 1 << 18 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.extend_from_slice(&state.to_be_bytes());
    }
    let head = |parts: &[&[u8]]| with_entries(&parts.concat());
    // A listpack that is as long as it says, and says it has as many entries as there can be.
    let mut listpack = vec![0; 1 << 20];
    listpack[..4].copy_from_slice(&(1_u32 << 20).to_le_bytes());
    listpack[4..6].copy_from_slice(&0xfffe_u16.to_le_bytes());
    let bomb = {
        // 264 bytes out of three, over and over.
        let mut packed = vec![0x00, b'a'];
        for _ in 0..200_000 {
            packed.extend_from_slice(&[0xe0, 0xff, 0x00]);
        }
        let len = u32::try_from(1 + 200_000 * 264).unwrap();
        let packed_len = u32::try_from(packed.len()).unwrap();
        [b"\x00\x01b\xc3\x80", &packed_len.to_be_bytes()[..], b"\x80", &len.to_be_bytes(), &packed].concat()
    };
    for (name, file) in [
        ("name", head(&[b"\x00", HUGE, b"x"])),
        ("value", head(&[b"\x00\x01k", HUGE, b"x"])),
        ("large value", head(&[b"\x00\x01k", LARGE, b"x"])),
        ("list", head(&[b"\x01\x01k", HUGE, b"\x01a"])),
        ("set", head(&[b"\x02\x01k", LARGE, b"\x01a"])),
        ("hash", head(&[b"\x04\x01k", HUGE, b"\x01a\x01b"])),
        ("stream", head(&[b"\x15\x01k", HUGE])),
        ("module", head(&[b"\x07\x01k", HUGE, b"\x05", HUGE])),
        ("lzf", head(&[b"\x00\x01k\xc3", HUGE, HUGE])),
        ("lzf ratio", head(&[b"\x00\x01k\xc3\x05", LARGE, b"\x00abcd"])),
        ("lzf bomb", with_entries(&bomb)),
        ("listpack", head(&[b"\x10\x01k\x80\x00\x10\x00\x00", &listpack])),
        ("noise", noise),
        ("zeros", [&b"REDIS0011\xfe\x00"[..], &vec![0; 1 << 18]].concat()),
    ] {
        let (verdict, peak) = run(name, &file);
        println!("{name}: {peak} bytes at most, {verdict:?}");
        assert!(peak <= MAX_BYTES, "{name}: {peak} bytes were held");
        let fine = ["lzf bomb"].contains(&name);
        assert_eq!(verdict == Verdict::Sound, fine, "{name}");
    }
}
