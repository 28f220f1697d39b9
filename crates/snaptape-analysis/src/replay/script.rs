//! Scripts that are nothing but a row of calls. Servers before 5.0 write scripts down as they are; those that only string commands
//! together can be replayed without their language.

/// A word of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// As it stands there.
    Literal(&'a [u8]),
    /// `KEYS[n]`, counted from 0.
    Key(usize),
    /// `ARGV[n]`, counted from 0.
    Value(usize),
}

/// Longer scripts, and those with more calls, are not worth it.
const MAX_CALLS: usize = 32;

/// The calls of a script; `None` where it is anything more than a row of calls.
pub(super) fn calls(script: &[u8]) -> Option<Vec<Vec<Word<'_>>>> {
    let mut rest = script;
    let mut calls = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        if let Some(behind) = rest.strip_prefix(b";") {
            rest = behind;
            continue;
        }
        if rest.is_empty() {
            return Some(calls);
        }
        if calls.len() >= MAX_CALLS {
            return None;
        }
        let (returns, behind) = match rest.strip_prefix(b"return") {
            Some(behind) if behind.first().is_some_and(u8::is_ascii_whitespace) => {
                (true, behind.trim_ascii_start())
            }
            _ => (false, rest),
        };
        let behind_call = behind
            .strip_prefix(b"redis.")
            .and_then(|behind| behind.strip_prefix(b"call").or_else(|| behind.strip_prefix(b"pcall")));
        if let Some(behind) = behind_call {
            let (call, behind) = arguments(behind.trim_ascii_start().strip_prefix(b"(")?)?;
            calls.push(call);
            rest = behind;
        } else if returns {
            // A word or a number: nothing is done any more.
            let end = behind.iter().position(|byte| matches!(byte, b';' | b'\n')).unwrap_or(behind.len());
            let (value, behind) = behind.split_at_checked(end)?;
            let plain =
                |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'\'' | b'"' | b'_' | b'-' | b' ');
            if !value.iter().all(plain) {
                return None;
            }
            rest = behind;
        } else {
            return None;
        }
        if returns {
            let clean = rest.iter().all(|byte| byte.is_ascii_whitespace() || *byte == b';');
            return clean.then_some(calls);
        }
    }
}

/// The words up to the closing bracket, and what follows it.
fn arguments(mut rest: &[u8]) -> Option<(Vec<Word<'_>>, &[u8])> {
    let mut words = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        let word;
        (word, rest) = match rest.first()? {
            quote @ (b'\'' | b'"') => {
                let text = rest.get(1..)?;
                let end = text.iter().position(|byte| byte == quote)?;
                let (literal, behind) = text.split_at_checked(end)?;
                if literal.contains(&b'\\') {
                    return None;
                }
                (Word::Literal(literal), behind.get(1..)?)
            }
            b'0'..=b'9' => {
                let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
                let (literal, behind) = rest.split_at_checked(end)?;
                (Word::Literal(literal), behind)
            }
            b'K' => {
                let (at, behind) = index(rest.strip_prefix(b"KEYS[")?)?;
                (Word::Key(at), behind)
            }
            _ => {
                let (at, behind) = index(rest.strip_prefix(b"ARGV[")?)?;
                (Word::Value(at), behind)
            }
        };
        words.push(word);
        rest = rest.trim_ascii_start();
        match rest.split_first()? {
            (b',', behind) => rest = behind,
            (b')', behind) => return Some((words, behind)),
            _ => return None,
        }
    }
}

/// `n]`, counted from 0.
fn index(rest: &[u8]) -> Option<(usize, &[u8])> {
    let end = rest.iter().position(|byte| *byte == b']')?;
    let (digits, behind) = rest.split_at_checked(end)?;
    let n: usize = core::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((n.checked_sub(1)?, behind.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_calls_and_others() {
        let script = b"redis.call('set', KEYS[1], ARGV[1]); redis.call('incr', KEYS[2]); return 1";
        let expected = vec![
            vec![Word::Literal(b"set"), Word::Key(0), Word::Value(0)],
            vec![Word::Literal(b"incr"), Word::Key(1)],
        ];
        assert_eq!(calls(script), Some(expected));
        assert_eq!(
            calls(b"return redis.pcall( \"INCRBY\" , KEYS[12], 5 )\n"),
            Some(vec![vec![Word::Literal(b"INCRBY"), Word::Key(11), Word::Literal(b"5")]])
        );
        assert_eq!(calls(b""), Some(vec![]));
        for other in [
            "if redis.call('get', KEYS[1]) then return 1 end",
            "local x = redis.call('get', KEYS[1])",
            "redis.call('set', KEYS[1], tonumber(ARGV[1]))",
            "redis.call('set', KEYS[1], ARGV[1] .. 'x')",
            "redis.call('set', KEYS[1], 'a\\'b')",
            "redis.call('set', KEYS[0], ARGV[1])",
            "redis.call('set', KEYS[1], ARGV[1]",
            "return f(1)",
            "return 1; redis.call('del', KEYS[1])",
            "redis.call('set', unpack(ARGV))",
            "return redis.call('incr', KEYS[1]) + 1",
        ] {
            assert_eq!(calls(other.as_bytes()), None, "{other}");
        }
    }
}
