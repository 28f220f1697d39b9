//! Writes a snapshot of as many keys as asked for: `cargo xtask generate-keys --keys N --out FILE`.

use std::{env, fs::File, io::BufWriter};

use snaptape_testdata::generated;

fn main() {
    let mut args = env::args_os().skip(1);
    let (keys, path) = (args.next().expect("how many keys"), args.next().expect("where to write them"));
    let keys = keys.to_str().and_then(|text| text.parse().ok()).expect("a number of keys");
    let file = File::create(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let bytes = generated::write_keys(keys, BufWriter::with_capacity(1 << 20, file))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    println!("{keys} keys, {bytes} bytes: {}", path.display());
}
