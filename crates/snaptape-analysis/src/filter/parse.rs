//! Reads a line.

use super::{
    Asked, FilterError, KeyFilter, Term, WordOf,
    amount::{self, Unit},
    fields::{self, FIELDS, Field, Known, Reads},
    words::{Word, parts, text, words},
};

/// Reads the line. What begins with no field that is known is text in the name, colons and all.
///
/// # Errors
/// A field that cannot be what the word asks for; says where, and what could stand there.
///
/// ```
/// use snaptape_analysis::filter::parse;
/// assert!(parse("type:hash mem>1mb ttl:none match:user:*").is_ok());
/// let error = parse("db:0 mem>much").unwrap_err();
/// assert_eq!(error.to_string(), "\"much\" is no figure; write an amount like 500, 64kb, 1.5mb or 1gib (column 10)");
/// ```
pub fn parse(line: &str) -> Result<KeyFilter, FilterError> {
    let terms = words(line).into_iter().filter_map(|word| term(&word).transpose());
    Ok(KeyFilter { terms: terms.collect::<Result<_, _>>()? })
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// `:` or `=`.
    Is,
    /// `!=`.
    IsNot,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// A word cut into its parts.
pub(super) struct Cut<'w> {
    pub(super) negated: bool,
    /// What stands before the operator, and where.
    pub(super) name: String,
    pub(super) op: Op,
    /// What stands behind it, and at which character of the word.
    pub(super) value: &'w [char],
    pub(super) value_at: usize,
}

/// Cuts a word at its first operator; none where it is a text.
pub(super) fn cut(chars: &[char]) -> Option<Cut<'_>> {
    let negated = chars.first() == Some(&'-');
    let from = usize::from(negated);
    let at = chars.iter().position(|c| matches!(c, ':' | '<' | '>' | '=' | '!' | '"'))?;
    let rest = chars.get(at..)?;
    let (op, len) = match (rest.first()?, rest.get(1)) {
        ('>', Some('=')) => (Op::AtLeast, 2),
        ('>', _) => (Op::Above, 1),
        ('<', Some('=')) => (Op::AtMost, 2),
        ('<', _) => (Op::Below, 1),
        ('!', Some('=')) => (Op::IsNot, 2),
        (':' | '=', _) => (Op::Is, 1),
        _ => return None,
    };
    let name = chars.get(from..at)?.iter().collect();
    Some(Cut { negated, name, op, value: chars.get(at + len..)?, value_at: at + len })
}

fn term(word: &Word) -> Result<Option<Term>, FilterError> {
    let as_text = || {
        let negated = word.chars.first() == Some(&'-') && word.chars.len() > 1;
        let bytes = text(word.chars.get(usize::from(negated)..).unwrap_or_default());
        let term = Term { negated, span: word.span, asked: Asked::Contains(bytes.clone()) };
        Ok((!bytes.is_empty()).then_some(term))
    };
    let Some(cut) = cut(&word.chars) else { return as_text() };
    let Some(known) = fields::find(&cut.name) else {
        // A name may well have a colon. It hardly has one of the others behind a word.
        if cut.op == Op::Is
            || cut.name.is_empty()
            || !cut.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            return as_text();
        }
        let name = &cut.name;
        let message = format!(
            "There is no figure \"{name}\"; there are {}. In quotes it is text in the name",
            listed(
                FIELDS
                    .iter()
                    .filter(|known| matches!(known.reads, Reads::Figure(..) | Reads::Ttl | Reads::ExpiresAt))
            )
        );
        let start = word.span.0 + usize::from(cut.negated);
        return Err(FilterError { start, end: start + name.chars().count(), message });
    };
    let fail = |message: String| FilterError { start: word.span.0 + cut.value_at, end: word.span.1, message };
    if cut.value.is_empty() {
        return Err(fail(format!("\"{}\" wants something behind it, as in {}", known.name, known.example)));
    }
    let asked = asked(known, &cut).map_err(fail)?;
    Ok(Some(Term { negated: cut.negated != (cut.op == Op::IsNot), span: word.span, asked }))
}

fn listed<'k>(known: impl Iterator<Item = &'k Known>) -> String {
    let names: Vec<&str> = known.map(|known| known.name).collect();
    names.join(", ")
}

fn asked(known: &Known, cut: &Cut<'_>) -> Result<Asked, String> {
    let only_is = || match cut.op {
        Op::Is | Op::IsNot => Ok(()),
        _ => {
            Err(format!("\"{}\" cannot be more or less than something; write {}", known.name, known.example))
        }
    };
    let figures = |unit: Unit| {
        let read = |text: &str| amount::figure(text, unit);
        // A range of slots is written with a dash elsewhere.
        ranges(cut, &["..", "-"], (0, u64::MAX), unit.examples(), read)
    };
    Ok(match known.reads {
        Reads::Type => {
            only_is()?;
            Asked::Word(WordOf::Type, list(cut))
        }
        Reads::Encoding => {
            only_is()?;
            Asked::Word(WordOf::Encoding, list(cut))
        }
        // `file>1kb` can only be about bytes.
        Reads::File if !matches!(cut.op, Op::Is | Op::IsNot) => {
            Asked::Figure(Field::FileBytes, figures(Unit::Bytes)?)
        }
        Reads::File => Asked::Word(WordOf::File, list(cut)),
        Reads::Glob => {
            only_is()?;
            Asked::Glob(text(cut.value))
        }
        Reads::Regex => {
            only_is()?;
            Asked::Regex(String::from_utf8_lossy(&text(cut.value)).into_owned())
        }
        Reads::Counted(group) => {
            only_is()?;
            Asked::Counted(group, String::from_utf8_lossy(&text(cut.value)).into_owned())
        }
        Reads::Figure(field, unit) => Asked::Figure(field, figures(unit)?),
        Reads::Ttl => match list(cut).as_slice() {
            [word] if is_word(cut, word, &["none", "never", "no"]) => Asked::Never,
            [word] if is_word(cut, word, &["any", "some", "yes"]) => Asked::Expires,
            [word] if is_word(cut, word, &["expired", "past"]) => Asked::Expired,
            _ => {
                let known = "none, any, expired, or a time like 90s, 5min, 2h or 7d";
                Asked::Ttl(ranges(cut, &[".."], (i64::MIN, i64::MAX), known, |text| {
                    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
                    amount::milliseconds(text).and_then(|ms| i64::try_from(ms).ok()).map(|ms| ms * sign)
                })?)
            }
        },
        Reads::ExpiresAt => Asked::ExpiresAt(ranges(
            cut,
            &[".."],
            (i64::MIN, i64::MAX),
            "a day like 2026-12-01 or 2026-12-01T18:30",
            amount::date_ms,
        )?),
    })
}

fn is_word(cut: &Cut<'_>, word: &str, words: &[&str]) -> bool {
    matches!(cut.op, Op::Is | Op::IsNot) && words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The values, which commas stand between.
fn list(cut: &Cut<'_>) -> Vec<String> {
    let parts = parts(cut.value).into_iter().filter(|part| !part.is_empty());
    parts.map(|part| String::from_utf8_lossy(&part).into_owned()).collect()
}

/// What the figures may be: `5`, `1..10`, `..10`, `1..`, several with commas between. Both ends count.
fn ranges<T: Copy + Ord + Step>(
    cut: &Cut<'_>,
    between: &[&str],
    (least, most): (T, T),
    known: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<(T, T)>, String> {
    let one = |text: &str| read(text).ok_or_else(|| format!("\"{text}\" is no figure; write {known}"));
    let values = list(cut);
    let mut ranges = Vec::with_capacity(values.len());
    for value in &values {
        let ends = between.iter().find_map(|between| value.split_once(between));
        ranges.push(match (cut.op, ends) {
            (Op::Is | Op::IsNot, Some((from, to))) => {
                let from = if from.is_empty() { least } else { one(from)? };
                let to = if to.is_empty() { most } else { one(to)? };
                (from, to)
            }
            (Op::Is | Op::IsNot, None) => {
                let value = one(value)?;
                (value, value)
            }
            // A range that holds nothing has its ends the wrong way round.
            (Op::Above, _) => one(value)?.next().map_or((most, least), |from| (from, most)),
            (Op::AtLeast, _) => (one(value)?, most),
            (Op::Below, _) => one(value)?.previous().map_or((most, least), |to| (least, to)),
            (Op::AtMost, _) => (least, one(value)?),
        });
    }
    if ranges.is_empty() {
        return Err(format!("A comma is no figure; write {known}"));
    }
    Ok(ranges)
}

/// Whole numbers.
trait Step: Sized {
    fn next(self) -> Option<Self>;
    fn previous(self) -> Option<Self>;
}

impl Step for u64 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl Step for i64 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Group, *};

    fn only(line: &str) -> Asked {
        let mut terms = parse(line).unwrap_or_else(|error| panic!("{line}: {error}")).terms;
        assert_eq!(terms.len(), 1, "{line}");
        terms.remove(0).asked
    }

    #[test]
    fn fields_and_what_they_are_to_be() {
        for (line, asked) in [
            ("type:hash,zset", Asked::Word(WordOf::Type, vec!["hash".into(), "zset".into()])),
            ("ENC=listpack", Asked::Word(WordOf::Encoding, vec!["listpack".into()])),
            ("mem>1mb", Asked::Figure(Field::Memory, vec![(1_000_001, u64::MAX)])),
            ("mem>=1kib", Asked::Figure(Field::Memory, vec![(1_024, u64::MAX)])),
            ("memory_bytes<10", Asked::Figure(Field::Memory, vec![(0, 9)])),
            ("mem<0", Asked::Figure(Field::Memory, vec![(u64::MAX, 0)])),
            ("payload<=1k", Asked::Figure(Field::Payload, vec![(0, 1_000)])),
            ("file>1kb", Asked::Figure(Field::FileBytes, vec![(1_001, u64::MAX)])),
            ("file:shard", Asked::Word(WordOf::File, vec!["shard".into()])),
            ("slot:0..99,5000", Asked::Figure(Field::Slot, vec![(0, 99), (5_000, 5_000)])),
            ("slot:0-5460", Asked::Figure(Field::Slot, vec![(0, 5_460)])),
            ("db:3..", Asked::Figure(Field::Db, vec![(3, u64::MAX)])),
            ("idle>7d", Asked::Figure(Field::Idle, vec![(604_801, u64::MAX)])),
            ("ttl:none", Asked::Never),
            ("ttl:any", Asked::Expires),
            ("ttl=Expired", Asked::Expired),
            ("ttl<1h", Asked::Ttl(vec![(i64::MIN, 3_599_999)])),
            ("ttl:-1d..0", Asked::Ttl(vec![(-86_400_000, 0)])),
            ("expires>=1970-01-02", Asked::ExpiresAt(vec![(86_400_000, i64::MAX)])),
            ("match:user:*", Asked::Glob(b"user:*".to_vec())),
            ("glob:\"a b*\"", Asked::Glob(b"a b*".to_vec())),
            ("regex:^a[0-9]{1,2}$", Asked::Regex("^a[0-9]{1,2}$".into())),
            ("pattern:a:{int},b", Asked::Counted(Group::Pattern, "a:{int},b".into())),
            ("under:\"\"", Asked::Counted(Group::Under, String::new())),
            ("template:user:*", Asked::Counted(Group::Template, "user:*".into())),
            ("group:\"eu\\x0a1\"", Asked::Counted(Group::Found, "eu\n1".into())),
            ("user:42", Asked::Contains(b"user:42".to_vec())),
            ("a,b", Asked::Contains(b"a,b".to_vec())),
            ("\"mem>1\"", Asked::Contains(b"mem>1".to_vec())),
            ("\"\\xff\"", Asked::Contains(vec![0xff])),
            ("-", Asked::Contains(b"-".to_vec())),
        ] {
            assert_eq!(only(line), asked, "{line}");
        }
        assert!(parse("  ").unwrap().takes_all());
        assert!(parse("\"\"").unwrap().takes_all());
        let turned = parse("-type:hash db!=0 -db!=0 -user").unwrap();
        assert_eq!(
            turned.terms.iter().map(|term| term.negated).collect::<Vec<_>>(),
            [true, true, false, true]
        );
    }

    #[test]
    fn errors_say_where_and_what_there_is() {
        for (line, column, part) in [
            ("db:0 mem>much", 9, "64kb"),
            ("user size>3", 5, "mem, ttl"),
            ("-size>3", 1, "no figure \"size\""),
            ("type:", 5, "type:hash,zset"),
            ("type>hash", 5, "type:hash,zset"),
            ("ttl:soon", 4, "none, any, expired"),
            ("expires<tomorrow", 8, "2026-12-01"),
            ("db:,", 3, "comma"),
            ("slot:1..x", 5, "\"x\""),
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!(error.start, column, "{line}: {error}");
            assert!(error.end <= line.chars().count() && error.message.contains(part), "{line}: {error}");
        }
    }
}
