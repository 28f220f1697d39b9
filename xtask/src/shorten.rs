//! What wasm-bindgen calls what the program imports: `__wbg_addEventListener_f2d27251d333a631`, once in the program and once in its
//! JavaScript. 264 such names do not compress, and nobody reads them in a release.

use anyhow::{Context as _, Result, bail, ensure};
use wasm_encoder::{Module, RawSection, SectionId};
use wasmparser::Parser;

/// What one of them begins with.
const BEGINS: &str = "__wb";
/// Hexadecimal digits it ends with.
const HASH_LEN: usize = 16;

/// A program and its JavaScript with two letters for each of these names, and the JavaScript without what stands in it for readers.
///
/// # Errors
/// When a name of one is not found in the other.
pub(crate) fn shorten(wasm: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let names = names(script);
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Some((id, range)) = payload.context("the program is not WebAssembly")?.as_section() {
            let content = &wasm[usize::try_from(range.start)?..usize::try_from(range.end)?];
            if id == SectionId::Import as u8 {
                let content = shorten_imports(content, &names)?;
                module.section(&RawSection { id, data: &content });
            } else {
                module.section(&RawSection { id, data: content });
            }
        }
    }
    let mut out = String::with_capacity(script.len());
    for line in trimmed(script)? {
        out.push_str(&shorten_line(line, &names));
        out.push('\n');
    }
    Ok((module.finish(), out))
}

/// Every such name in the script, in order.
fn names(script: &str) -> Vec<&str> {
    let mut names: Vec<&str> = words(script).filter(|word| is_long(word)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn is_long(word: &str) -> bool {
    let hash = word.len().checked_sub(HASH_LEN).and_then(|at| word.get(at..));
    word.starts_with(BEGINS) && hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter| !is_of_word(letter)).filter(|word| !word.is_empty())
}

/// `aa`, `ab`, ...: properties of one object, so that they are in nobody's way.
fn short(place: usize) -> Result<String> {
    let letter = |n: usize| u8::try_from(n).ok().filter(|n| *n < 26).map(|n| char::from(b'a' + n));
    let (first, second) = (letter(place / 26), letter(place % 26));
    let name = first.zip(second).map(|(first, second)| String::from_iter([first, second]));
    name.context("there are more imports than names of two letters")
}

/// A name in the section of imports stands behind its length, once.
fn shorten_imports(content: &[u8], names: &[&str]) -> Result<Vec<u8>> {
    let mut content = content.to_vec();
    for (place, name) in names.iter().enumerate() {
        let len = u8::try_from(name.len()).ok().filter(|len| *len < 0x80);
        let long = [&[len.with_context(|| format!("{name} is too long"))?], name.as_bytes()].concat();
        let found: Vec<usize> = content
            .windows(long.len())
            .enumerate()
            .filter(|(_, bytes)| *bytes == long)
            .map(|(at, _)| at)
            .collect();
        let [at] = found[..] else { bail!("the program imports {name} {} times", found.len()) };
        let short = short(place)?;
        content.splice(at..at + long.len(), [&[2], short.as_bytes()].concat());
    }
    Ok(content)
}

/// The lines without indentation and comments. Line ends stay, because they end statements.
fn trimmed(script: &str) -> Result<Vec<&str>> {
    let mut lines = Vec::new();
    for line in script.lines() {
        ensure!(line.matches('`').count() % 2 == 0, "a text of several lines cannot be trimmed: {line}");
        let line = line.trim();
        let is_comment = line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"));
        if !line.is_empty() && !is_comment {
            lines.push(line);
        }
    }
    Ok(lines)
}

fn shorten_line(line: &str, names: &[&str]) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(word) = words(rest).find(|word| is_long(word)) {
        let at = word.as_ptr() as usize - rest.as_ptr() as usize;
        out.push_str(&rest[..at]);
        match names.binary_search(&word).ok().and_then(|place| short(place).ok()) {
            Some(name) => out.push_str(&name),
            None => out.push_str(word),
        }
        rest = &rest[at + word.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "/* of what */\nconst import0 = {\n    // why\n    __wbg_log_0123456789abcdef: function(a) {\n        say(a);\n    \
                          },\n    __wbg_log_fedcba9876543210: () => `//`,\n};\nwasm.__wbindgen_malloc();\n";

    fn program(imports: &[u8]) -> Vec<u8> {
        let len = u8::try_from(imports.len()).unwrap();
        [&b"\0asm\x01\0\0\0"[..], &[1, 4, 1, 0x60, 0, 0], &[2, len], imports].concat()
    }

    #[test]
    fn both_sides_of_an_import_get_the_same_name() {
        let wasm =
            program(b"\x02\x01m\x1a__wbg_log_fedcba9876543210\0\0\x01m\x1a__wbg_log_0123456789abcdef\0\0");
        let (wasm, script) = shorten(&wasm, SCRIPT).unwrap();
        assert_eq!(wasm, program(b"\x02\x01m\x02ab\0\0\x01m\x02aa\0\0"));
        let expected = "const import0 = {\naa: function(a) {\nsay(a);\n},\nab: () => `//`,\n};\nwasm.__wbindgen_malloc();\n";
        assert_eq!(script, expected);
    }

    #[test]
    fn what_does_not_fit_together_is_an_error() {
        let wasm = program(b"\x01\x01m\x1a__wbg_log_fedcba9876543210\0\0");
        assert!(shorten(&wasm, SCRIPT).unwrap_err().to_string().contains("0 times"));
        let wasm = program(b"\x01\x01m\x02ab\0\0");
        assert!(shorten(&wasm, "say(`\n  two lines`)").is_err());
        assert_eq!(shorten(&wasm, "").unwrap(), (wasm, String::new()));
    }
}
