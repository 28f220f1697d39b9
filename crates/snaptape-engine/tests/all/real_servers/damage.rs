//! Damage at random places: the kinds that happen, and some that only a test thinks of.

use crate::set::Set;

/// Numbers by a fixed rule: the same damage every time.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        match end {
            0 => 0,
            end => usize::try_from(self.next() % end as u64).expect("below a usize"),
        }
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A length: mostly short, sometimes long.
    fn len(&mut self, longest: usize) -> usize {
        let longest = *self.one(&[2, 20, 300, longest]);
        1 + self.below(longest)
    }
}

/// A kind of damage: its name, and how it is done.
type Kind = (&'static str, fn(&mut Random, &mut Vec<u8>));

/// What is done to a tape.
const TAPE: [Kind; 27] = [
    ("annotation", annotation),
    ("block doubled", doubled),
    ("block moved", moved),
    ("block removed", removed),
    ("block zeroed", |random, tape| zeroed(random, tape)),
    ("bom", |_, tape| splice(tape, 0, 0, b"\xef\xbb\xbf")),
    ("byte flipped", |random, tape| flipped(random, tape)),
    ("carriage returns added", |_, tape| replace_all(tape, b"\n", b"\r\n")),
    ("carriage returns lost", lf_only),
    ("command inserted", command_inserted),
    ("command left out", command_left_out),
    ("cut", cut),
    ("cut and zero-filled", cut_and_filled),
    ("emptied", |_, tape| tape.clear()),
    ("end of line lost", end_of_line_lost),
    ("garbage inserted", garbage),
    ("header line long", long_header),
    ("multi or exec changed", block_word),
    ("newline inserted", newline),
    ("not a command", not_a_command),
    ("nul in a name", nul_in_name),
    ("number changed", number),
    ("snapshot inside", snapshot_inside),
    ("trailing newline", |random, tape| {
        let end: &[u8] = random.one::<&[u8]>(&[b"\n", b"\r\n", b" ", b"\0"]);
        tape.extend_from_slice(end);
    }),
    ("trailing zeros", trailing_zeros),
    ("two damages", |random, tape| {
        flipped(random, tape);
        zeroed(random, tape);
    }),
    ("word changed", word),
];

/// Damages one file of a set, or what says which files belong to it. Returns what was done.
pub(crate) fn damage(random: &mut Random, set: &mut Set) -> String {
    let manifest = set.iter().position(|(path, _)| path.ends_with(".manifest"));
    if let Some(manifest) = manifest
        && random.below(4) == 0
    {
        return if random.below(4) == 0 {
            let tapes: Vec<usize> = (0..set.len()).filter(|&at| at != manifest).collect();
            let gone = *random.one(&tapes);
            set.remove(gone);
            "file missing".into()
        } else {
            let (name, change) = *random.one(&MANIFEST);
            change(random, &mut set[manifest].1);
            format!("manifest: {name}")
        };
    }
    let tapes: Vec<usize> = (0..set.len()).filter(|&at| Some(at) != manifest).collect();
    let at = *random.one(&tapes);
    let (name, change) = *random.one(&TAPE);
    change(random, &mut set[at].1);
    let part = if manifest.is_none() {
        ""
    } else if Some(&at) == tapes.last() {
        " (last file)"
    } else {
        " (earlier file)"
    };
    format!("{name}{part}")
}

/// What is done to a manifest.
const MANIFEST: [Kind; 12] = [
    ("bytes flipped", |random, text| flipped(random, text)),
    ("blank line", |random, text| at_line(random, text, &[&b"\n"[..], b"\r\n", b" \n", b"\0\n"])),
    ("bom", |_, text| splice(text, 0, 0, b"\xef\xbb\xbf")),
    ("comment", |random, text| {
        at_line(random, text, &[&b"# a comment\n"[..], b"#\n", b" # indented\n", b"#\0 b\n", b"# open"]);
    }),
    ("crlf", |_, text| replace_all(text, b"\n", b"\r\n")),
    ("cut", cut),
    ("emptied", |_, text| text.clear()),
    ("line doubled", |random, text| {
        let lines: Vec<Vec<u8>> = text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        let line = random.one(&lines).clone();
        at_line(random, text, &[&line]);
    }),
    ("line inserted", |random, text| {
        let long = [b"# ".as_slice(), &vec![b'x'; 1015 + random.below(20)], b"\n"].concat();
        let wide =
            [b"file appendonly.aof.9.incr.aof seq 9 type i ".as_slice(), &vec![b' '; 1100], b"\n"].concat();
        at_line(
            random,
            text,
            &[
                &b"file nowhere.9.incr.aof seq 9 type i\n"[..],
                b"file nowhere.9.incr.aof seq 9 type h\n",
                b"file nowhere.9.base.rdb seq 9 type b\n",
                b"file nowhere seq 9\n",
                b"file nowhere seq 0 type i\n",
                b"file nowhere seq -1 type h\n",
                b"file a/b seq 9 type h\n",
                b"file a\\b seq 9 type h\n",
                b"file \"a\\\\b\" seq 9 type h\n",
                b"file 'quoted name' seq 9 type h\n",
                b"file \"open seq 9 type h\n",
                b"seq 9 type h file nowhere\n",
                b"FILE nowhere SEQ 9 TYPE h\n",
                b"file nowhere seq 9 type x\n",
                b"file nowhere seq 9 type history\n",
                b"file nowhere seq 9 type h startoffset 5 endoffset 9\n",
                b"file nowhere seq 9 type h whatever\n",
                b"file \"\" seq 9 type h\n",
                b"garbage\n",
                &long,
                &wide,
            ],
        );
    }),
    ("lines swapped", |random, text| {
        let mut lines: Vec<Vec<u8>> =
            text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        let (a, b) = (random.below(lines.len()), random.below(lines.len()));
        lines.swap(a, b);
        *text = lines.concat();
    }),
    ("no final newline", |_, text| {
        text.pop();
    }),
    ("word changed", |random, text| {
        let words: [(&[u8], &[&[u8]]); 5] = [
            (b"type i", &[b"type b", b"type h", b"type x", b"type incr", b"TYPE i", b"type I"]),
            (b"type b", &[b"type i", b"type h", b"type base"]),
            (
                b"seq ",
                &[b"seq -", b"seq 0", b"seq +", b"seq x", b"SEQ ", b"seq\t", b"seq 99999999999999999999"],
            ),
            (b"file ", &[b"file ./", b"FILE ", b"file \"", b"file  ", b" file ", b"files ", b"file sub/"]),
            (b".aof ", &[b".aof\0 ", b".oof ", b".aof\t", b".aof' "]),
        ];
        let (from, to) = *random.one(&words);
        let to = random.one(to);
        replace_one(random, text, from, to);
    }),
];

/// Offsets at which `what` stands.
fn places(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|&at| bytes[at..].starts_with(what)).collect()
}

pub(super) fn splice(bytes: &mut Vec<u8>, at: usize, len: usize, with: &[u8]) {
    let at = at.min(bytes.len());
    let end = (at + len).min(bytes.len());
    bytes.splice(at..end, with.iter().copied());
}

pub(super) fn replace_all(bytes: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    for at in places(bytes, from).into_iter().rev() {
        splice(bytes, at, from.len(), to);
    }
}

fn replace_one(random: &mut Random, bytes: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let places = places(bytes, from);
    if !places.is_empty() {
        splice(bytes, *random.one(&places), from.len(), to);
    }
}

fn at_line(random: &mut Random, text: &mut Vec<u8>, lines: &[&[u8]]) {
    let mut starts = vec![0];
    starts.extend(places(text, b"\n").into_iter().map(|at| at + 1));
    let at = *random.one(&starts);
    let line = *random.one(lines);
    splice(text, at, 0, line);
}

/// Where commands begin, as far as one can tell by looking; behind a snapshot part, if there is one.
fn commands(tape: &[u8]) -> Vec<usize> {
    let mut at = if tape.starts_with(b"REDIS") || tape.starts_with(b"VALKEY") {
        places(tape, b"*2\r\n$6\r\nSELECT").first().copied().unwrap_or(tape.len())
    } else {
        0
    };
    let mut starts = vec![at];
    let line = |at: usize| {
        let end = at + tape.get(at..)?.windows(2).position(|pair| pair == b"\r\n")?;
        let number: usize = std::str::from_utf8(tape.get(at + 1..end)?).ok()?.parse().ok()?;
        Some((number, end + 2))
    };
    'commands: while at < tape.len() {
        if tape[at] == b'#' {
            let Some(end) = tape[at..].iter().position(|&byte| byte == b'\n') else { break };
            at += end + 1;
        } else {
            let Some((argc, mut end)) = line(at) else { break };
            for _ in 0..argc {
                let Some((len, body)) = line(end) else { break 'commands };
                end = body + len + 2;
            }
            at = end;
        }
        starts.push(at.min(tape.len()));
    }
    starts
}

fn boundary(random: &mut Random, tape: &[u8]) -> usize {
    *random.one(&commands(tape))
}

fn annotation(random: &mut Random, tape: &mut Vec<u8>) {
    let at = boundary(random, tape);
    let len = *random.one(&[1, 90, 126, 127, 128, 1021, 1022, 1023, 1024, 1025, 2045, 2046, 3000]);
    let long = [b"#".as_slice(), &vec![b'x'; len], b"\r\n"].concat();
    // What continues behind the longest piece is read as a line of its own.
    let continues = [b"#".as_slice(), &vec![b'x'; 1022], b"#TS:1\r\n"].concat();
    let lines: [&[u8]; 14] = [
        b"#TS:1700000000\r\n",
        b"#TS:\r\n",
        b"#TS:x\r\n",
        b"#TS:-5\n",
        b"#\r\n",
        b"#\n",
        b"#",
        b"##\r\n",
        b"#\0\0\r\n",
        b"#no end",
        b" #TS:1\r\n",
        b"#TS:99999999999999999999\r\n",
        &long,
        &continues,
    ];
    let line = *random.one(&lines);
    splice(tape, at, 0, line);
}

fn doubled(random: &mut Random, tape: &mut Vec<u8>) {
    let at = random.below(tape.len());
    let end = (at + random.len(2000)).min(tape.len());
    let block = tape[at..end].to_vec();
    splice(tape, end, 0, &block);
}

fn moved(random: &mut Random, tape: &mut Vec<u8>) {
    let (at, len) = (random.below(tape.len()), random.len(2000));
    let end = (at + len).min(tape.len());
    let block: Vec<u8> = tape.drain(at..end).collect();
    let at = random.below(tape.len() + 1);
    splice(tape, at, 0, &block);
}

fn removed(random: &mut Random, tape: &mut Vec<u8>) {
    let (at, len) = (random.below(tape.len()), random.len(2000));
    splice(tape, at, len, b"");
}

fn zeroed(random: &mut Random, tape: &mut [u8]) {
    let (at, len) = (random.below(tape.len()), random.len(4096));
    let end = (at + len).min(tape.len());
    tape[at..end].fill(0);
}

fn flipped(random: &mut Random, tape: &mut [u8]) {
    if !tape.is_empty() {
        let at = random.below(tape.len());
        let other = *random.one(b"\0\n\r \"#$*0129AZ\x7f\xff");
        tape[at] = if random.below(2) == 0 { tape[at] ^ (1 << random.below(8)) } else { other };
    }
}

fn lf_only(random: &mut Random, tape: &mut Vec<u8>) {
    // Of the whole file, or from some place on, or once.
    let places = places(tape, b"\r\n");
    let from = match random.below(3) {
        0 => 0,
        1 => random.below(places.len()),
        _ => {
            if let Some(&at) = places.get(random.below(places.len())) {
                tape.remove(at);
            }
            return;
        }
    };
    for &at in places[from..].iter().rev() {
        tape.remove(at);
    }
}

fn cut(random: &mut Random, tape: &mut Vec<u8>) {
    // Anywhere, near the end, or between two commands.
    let at = match random.below(3) {
        0 => random.below(tape.len()),
        1 => tape.len().saturating_sub(1 + random.below(60)),
        _ => boundary(random, tape),
    };
    tape.truncate(at);
}

fn cut_and_filled(random: &mut Random, tape: &mut Vec<u8>) {
    cut(random, tape);
    let zeros = random.len(5000);
    tape.resize(tape.len() + zeros, 0);
}

fn trailing_zeros(random: &mut Random, tape: &mut Vec<u8>) {
    let page = tape.len().next_multiple_of(4096);
    let len = if random.below(2) == 0 { page } else { tape.len() + random.len(5000) };
    tape.resize(len, 0);
}

fn garbage(random: &mut Random, tape: &mut Vec<u8>) {
    let at = if random.below(2) == 0 { boundary(random, tape) } else { random.below(tape.len() + 1) };
    let bytes: Vec<u8> = (0..random.len(500)).map(|_| random.next().to_le_bytes()[0]).collect();
    splice(tape, at, 0, &bytes);
}

fn newline(random: &mut Random, tape: &mut Vec<u8>) {
    let at = if random.below(2) == 0 { boundary(random, tape) } else { random.below(tape.len() + 1) };
    let bytes = *random.one(&[&b"\n"[..], b"\r\n", b"\r", b" ", b"\t", b"\0"]);
    splice(tape, at, 0, bytes);
}

fn end_of_line_lost(random: &mut Random, tape: &mut Vec<u8>) {
    replace_one(
        random,
        tape,
        b"\r\n",
        random.clone().one::<&[u8]>(&[b"", b"\r", b"\r\r\n", b"XX", b"\0\0", b"\n\r", b"\r\n\r\n"]),
    );
}

fn not_a_command(random: &mut Random, tape: &mut Vec<u8>) {
    let at = boundary(random, tape);
    let lines: [&[u8]; 10] = [
        b"SET a b\r\n",
        b"+OK\r\n",
        b"$3\r\nSET\r\n",
        b"*\r\n",
        b"*",
        b"**1\r\n$4\r\nPING\r\n",
        b"*1\r\n*1\r\n$4\r\nPING\r\n",
        b"*1\r\n+PING\r\n",
        b"*1\r\n$4\r\nPING",
        b"-ERR\r\n",
    ];
    let line = *random.one(&lines);
    splice(tape, at, 0, line);
}

/// A command in the form servers write.
fn command<W: AsRef<[u8]>>(words: &[W]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn command_inserted(random: &mut Random, tape: &mut Vec<u8>) {
    let at = boundary(random, tape);
    let long = "x".repeat(70_000);
    let many: Vec<String> = (0..300).map(|n| format!("many:{n}")).collect();
    let many: Vec<&str> = std::iter::once("DEL").chain(many.iter().map(String::as_str)).collect();
    let commands: [&[&str]; 20] = [
        &["MULTI"],
        &["EXEC"],
        &["DISCARD"],
        &["multi"],
        &["eXeC"],
        &["EXEC", "now"],
        &["MULTI", "now"],
        &["WATCH", "a"],
        &["UNWATCH"],
        &["PING"],
        &["SET", "new", "1"],
        &["SET", "", ""],
        &["SET", "long", &long],
        &["SELECT", "1"],
        &["SELECT", "63"],
        &["DEL", "nothing"],
        &["FLUSHALL"],
        &["INCR", "list"],
        &["RESET"],
        &many,
    ];
    let words = *random.one(&commands);
    splice(tape, at, 0, &command(words));
}

fn command_left_out(random: &mut Random, tape: &mut Vec<u8>) {
    let starts = commands(tape);
    let n = random.below(starts.len());
    if let Some(&end) = starts.get(n + 1) {
        splice(tape, starts[n], end - starts[n], b"");
    }
}

fn block_word(random: &mut Random, tape: &mut Vec<u8>) {
    let multi = command(&["MULTI"]);
    let exec = command(&["EXEC"]);
    let changes: [(&[u8], Vec<u8>); 8] = [
        (&multi, Vec::new()),
        (&exec, Vec::new()),
        (&multi, [multi.clone(), multi.clone()].concat()),
        (&exec, [exec.clone(), exec.clone()].concat()),
        (&exec, command(&["DISCARD"])),
        (&multi, command(&["mUlTi"])),
        (&exec, command(&["exec"])),
        (&exec, multi.clone()),
    ];
    let (from, to) = random.one(&changes).clone();
    replace_one(random, tape, from, &to);
}

fn nul_in_name(random: &mut Random, tape: &mut Vec<u8>) {
    let at = boundary(random, tape);
    let names: [&[u8]; 8] = [b"MULTI\0", b"EXEC\0x", b"\0", b"", b"SET\0", b"MULTI ", b"exec\r\n", b"MULT"];
    let name = *random.one(&names);
    splice(tape, at, 0, &command(&[name]));
}

fn number(random: &mut Random, tape: &mut Vec<u8>) {
    let mut lines: Vec<usize> = commands(tape);
    let from = lines[0];
    lines.extend(places(&tape[from..], b"\n$").into_iter().map(|at| from + at + 1));
    let at = *random.one(&lines) + 1;
    if at >= tape.len() {
        return;
    }
    let digits = tape[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let old = String::from_utf8_lossy(&tape[at..at + digits]).into_owned();
    let value: i64 = old.parse().unwrap_or(0);
    let zeros = |n: usize| format!("{}{old}", "0".repeat(n));
    let new = match random.below(26) {
        0 => (value + 1).to_string(),
        1 => (value - 1).to_string(),
        2 => (value * 10).to_string(),
        3 => "0".into(),
        4 => "-1".into(),
        5 => format!("-{old}"),
        6 => format!("+{old}"),
        7 => format!(" {old}"),
        8 => format!("{old} "),
        9 => format!("{old}junk"),
        10 => format!("0{old}"),
        11 => String::new(),
        12 => "x".into(),
        13 => "536870912".into(),
        14 => "536870913".into(),
        15 => "1048576".into(),
        16 => "1048577".into(),
        17 => "2147483647".into(),
        18 => "2147483648".into(),
        19 => "4294967297".into(),
        20 => "9223372036854775807".into(),
        21 => "99999999999999999999".into(),
        22 => zeros(120 + random.below(8)),
        23 => zeros(126 + random.below(4)),
        24 => zeros(1015 + random.below(12)),
        _ => format!("{old}\0"),
    };
    splice(tape, at, digits, new.as_bytes());
}

fn long_header(random: &mut Random, tape: &mut Vec<u8>) {
    let at = boundary(random, tape);
    let len = *random.one(&[100, 120, 124, 125, 126, 127, 128, 1000, 1018, 1022, 1023, 1024, 2000]);
    let fill = *random.one(b"0 x\0");
    let kind = *random.one(b"*$");
    let mut line = vec![kind];
    line.resize(len, fill);
    line.extend_from_slice(b"1\r\n");
    splice(tape, at, 0, &line);
}

fn snapshot_inside(random: &mut Random, tape: &mut Vec<u8>) {
    let at = if random.below(2) == 0 { 0 } else { boundary(random, tape) };
    // An empty snapshot of version 9 without a checksum, whole or not.
    let snapshot: &[u8] = b"REDIS0009\xff\0\0\0\0\0\0\0\0";
    let snapshots: [&[u8]; 6] =
        [snapshot, &snapshot[..12], &snapshot[..9], b"REDIS", b"REDIS9999", b"VALKEY080\xff\0\0\0\0\0\0\0\0"];
    let piece = *random.one(&snapshots);
    splice(tape, at, 0, piece);
}

fn word(random: &mut Random, tape: &mut Vec<u8>) {
    let words: [(&[u8], &[u8]); 6] = [
        (b"$3\r\nSET\r\n", b"$3\r\nSOT\r\n"),
        (b"$3\r\nSET\r\n", b"$3\r\nGET\r\n"),
        (b"SELECT\r\n$1\r\n", b"SELECT\r\n$2\r\n9"),
        (b"$6\r\nSELECT\r\n", b"$6\r\nSERECT\r\n"),
        (b"$4\r\n", b"$3\r\n"),
        (b"RPUSH", b"LPUSH"),
    ];
    let (from, to) = *random.one(&words);
    replace_one(random, tape, from, to);
}
