//! The servers that other tests lean on do what those take for granted.

use std::fs;

use snaptape_testdata::{Reply, programs};

/// What a server wrote, a server reads; the second one holds what the first one held.
#[test]
fn what_one_server_writes_the_next_one_loads() {
    for program in programs() {
        let dir = tempfile::tempdir().unwrap();
        let mut server = program.start_tape(dir.path(), false).unwrap();
        let commands: [&[&str]; 8] = [
            &["SET", "text", "a\r\nb"],
            &["SET", "soon", "1", "PX", "100000000"],
            &["SELECT", "9"],
            &["RPUSH", "list", "1", "2"],
            &["SADD", "set", "x", "y", "z"],
            &["HSET", "", "field", "value"],
            &["XADD", "stream", "1-1", "a", "b"],
            &["PEXPIREAT", "set", "1"],
        ];
        for reply in server.pipeline(&commands) {
            assert!(!matches!(reply, Reply::Error(_)), "{}: {reply:?}", program.release);
        }
        let first = server.dump_all();
        assert_eq!(first.len(), 5, "{}: {first:?}", program.release);
        let names: Vec<(u64, &[u8])> = first.keys().map(|(db, key)| (*db, key.as_slice())).collect();
        assert_eq!(names, [(0, b"soon".as_slice()), (0, b"text"), (9, b""), (9, b"list"), (9, b"stream")]);
        assert_eq!(server.keyspace(), [(0, (2, 1)), (9, (3, 0))].into());
        drop(server);

        let mut server = program.start_tape(dir.path(), false).unwrap();
        assert_eq!(server.dump_all(), first, "{}", program.release);
        assert!(server.log().to_lowercase().contains("ready to accept connections"), "{}", server.log());
    }
}

/// A server that refuses says how, and the check tool says where.
#[test]
fn a_refusal_is_told() {
    for program in programs() {
        let dir = tempfile::tempdir().unwrap();
        let tape = dir.path().join("appendonly.aof");
        let good = b"*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$4\r\nEXEC\r\n";
        fs::write(&tape, [good.as_slice(), b"*3\r\n$3\r\nSE"].concat()).unwrap();
        let check = program.check_aof(&tape, false);
        assert_eq!(check.exit, Some(1), "{}", check.output);
        let ok_up_to: Vec<u64> = check.ok_up_to().into_values().collect();
        assert_eq!(ok_up_to, [good.len() as u64], "{}", check.output);
        let fixed = program.check_aof(&tape, true);
        assert_eq!(fixed.exit, Some(0), "{}", fixed.output);
        assert_eq!(fs::read(&tape).unwrap(), good);
        fs::write(&tape, [good.as_slice(), b"\0\0\0"].concat()).unwrap();
        let failure = program.start_tape(dir.path(), true).err().expect("a refusal");
        assert_eq!(failure.exit, Some(1));
        assert!(failure.to_string().contains("Bad file format"), "{failure}");
    }
}
