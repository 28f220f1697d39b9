//! What somebody wants to open while something is being made of what is open, and what is asked before that is thrown away. Pure.

use yew::AttrValue;

use crate::files::Given;
use crate::samples::Sample;
use crate::state::{Export, Writing};

/// Where to next.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Files that were given.
    Given(Given),
    /// A sample.
    Sample(&'static Sample),
    /// A sample that the address names, with the view.
    Linked(&'static Sample),
    /// What was open before; its number.
    Reopen(usize),
    /// Away from what is open.
    Another,
}

/// A question with its two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its heading.
    pub title: AttrValue,
    /// One sentence.
    pub sentence: AttrValue,
    /// The answer that changes nothing.
    pub stay: AttrValue,
    /// The answer that fulfils the wish.
    pub leave: AttrValue,
}

/// What is asked: `copy` is the name of the copy, if one was made. It goes on while nobody answers, and may be done by then.
pub fn question(wish: &Wish, export: &Export, writing: &Writing, copy: &str) -> Question {
    let (verb, doing) = match wish {
        Wish::Given(given) => (format!("open {}", given.name()), "Opening something else"),
        Wish::Sample(sample) | Wish::Linked(sample) => {
            (format!("open {}", sample.title), "Opening something else")
        }
        Wish::Reopen(_) => ("open the other one".to_owned(), "Opening something else"),
        Wish::Another => ("leave".to_owned(), "Leaving"),
    };
    let copying = matches!(export, Export::Working { .. }).then_some(copy);
    let keys = match writing {
        Writing::Working(name) => Some(name.as_str()),
        _ => None,
    };
    let (title, sentence, stay, leave) = match (copying, keys) {
        (Some(copy), Some(keys)) => (
            "A copy is being made, and keys are written",
            format!("{doing} now would stop {copy} and {keys} half way and throw them away."),
            "Finish both first",
            format!("Stop them and {verb}"),
        ),
        (Some(copy), None) => (
            "A copy is being made",
            format!("{doing} now would stop {copy} half way and throw it away."),
            "Finish the copy first",
            format!("Stop it and {verb}"),
        ),
        (None, Some(keys)) => (
            "Keys are being written",
            format!("{doing} now would stop {keys} half way and throw it away."),
            "Finish it first",
            format!("Stop it and {verb}"),
        ),
        (None, None) => {
            let (title, sentence) = ended(export, writing, copy);
            (title, sentence, "Stay here", capital(&verb))
        }
    };
    Question { title: title.into(), sentence: sentence.into(), stay: stay.into(), leave: leave.into() }
}

/// What came of it while nobody answered.
fn ended(export: &Export, writing: &Writing, copy: &str) -> (&'static str, String) {
    let (title, of_copy) = match export {
        Export::Done { .. } => ("The copy is done", Some(format!("{copy} was read again and found sound."))),
        Export::Failed { .. } => ("There is no copy", Some(format!("{copy} was not made."))),
        Export::Idle | Export::Working { .. } => ("There is nothing to lose", None),
    };
    let (title, of_keys) = match writing {
        Writing::Done(name) => ("The keys are written", Some(format!("{name} was written."))),
        Writing::Failed(name) => ("The keys were not written", Some(format!("{name} was not written."))),
        Writing::Idle | Writing::Working(_) => (title, None),
    };
    let sentences: Vec<String> = of_copy.into_iter().chain(of_keys).collect();
    if sentences.is_empty() {
        // It was stopped.
        return (title, "Nothing is being made any more.".into());
    }
    (title, sentences.join(" "))
}

/// Our own sentences begin with a letter of ASCII: the tables of all others would be 24 KB of the page.
fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::Meter;
    use crate::samples::SAMPLES;

    #[test]
    fn the_question_knows_how_the_copy_is() {
        let idle = Writing::Idle;
        let working = Export::Working { plan: 0, meter: Meter::default() };
        let asked = question(&Wish::Another, &working, &idle, "a.repaired.aof");
        assert_eq!(asked.sentence, "Leaving now would stop a.repaired.aof half way and throw it away.");
        assert_eq!(
            (asked.stay.as_str(), asked.leave.as_str()),
            ("Finish the copy first", "Stop it and leave")
        );
        let sample = Wish::Sample(&SAMPLES[0]);
        let failed = Export::Failed { plan: 0, message: "no room".into() };
        let asked = question(&sample, &failed, &idle, "a.repaired.aof");
        assert_eq!(asked.leave, format!("Open {}", SAMPLES[0].title));
        assert_eq!(asked.sentence, "a.repaired.aof was not made.");
    }
    #[test]
    fn keys_that_are_written_are_asked_about_like_a_copy() {
        let copying = Export::Working { plan: 0, meter: Meter::default() };
        let writing = Writing::Working("keys.csv".into());
        let asked = question(&Wish::Reopen(0), &Export::Idle, &writing, "");
        assert_eq!(asked.title, "Keys are being written");
        assert_eq!(
            asked.sentence,
            "Opening something else now would stop keys.csv half way and throw it away."
        );
        let asked = question(&Wish::Another, &copying, &writing, "a.aof");
        assert_eq!(asked.sentence, "Leaving now would stop a.aof and keys.csv half way and throw them away.");
        assert_eq!(asked.leave, "Stop them and leave");
        for (writing, sentence) in [
            (Writing::Done("keys.csv".into()), "keys.csv was written."),
            (Writing::Failed("keys.csv".into()), "keys.csv was not written."),
            (Writing::Idle, "Nothing is being made any more."),
        ] {
            let asked = question(&Wish::Another, &Export::Idle, &writing, "");
            assert_eq!((asked.sentence.as_str(), asked.leave.as_str()), (sentence, "Leave"));
        }
    }
}
