//! What somebody wants to open while a copy is being made, and what is asked before the copy is thrown away. Pure.

use yew::AttrValue;

use crate::files::Given;
use crate::samples::Sample;
use crate::state::Export;

/// Where to next.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Files that were given.
    Given(Given),
    /// A sample.
    Sample(&'static Sample),
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

/// What is asked. The copy goes on while nobody answers, and may be done by then.
pub fn question(wish: &Wish, export: &Export, copy: &str) -> Question {
    let (verb, doing) = match wish {
        Wish::Given(given) => (format!("open {}", given.name()), "Opening something else"),
        Wish::Sample(sample) => (format!("open {}", sample.title), "Opening something else"),
        Wish::Reopen(_) => ("open the other one".to_owned(), "Opening something else"),
        Wish::Another => ("leave".to_owned(), "Leaving"),
    };
    let (title, sentence, stay, leave) = match export {
        Export::Working { .. } => (
            "A copy is being made",
            format!("{doing} now would stop {copy} half way and throw it away."),
            "Finish the copy first",
            format!("Stop it and {verb}"),
        ),
        Export::Done { .. } => (
            "The copy is done",
            format!("{copy} was read again and found sound."),
            "Stay here",
            capital(&verb),
        ),
        Export::Idle | Export::Failed { .. } => {
            ("There is no copy", format!("{copy} was not made."), "Stay here", capital(&verb))
        }
    };
    Question { title: title.into(), sentence: sentence.into(), stay: stay.into(), leave: leave.into() }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::Meter;
    use crate::samples::SAMPLES;

    #[test]
    fn the_question_knows_how_the_copy_is() {
        let working = Export::Working { plan: 0, meter: Meter::default() };
        let asked = question(&Wish::Another, &working, "a.repaired.aof");
        assert_eq!(asked.sentence, "Leaving now would stop a.repaired.aof half way and throw it away.");
        assert_eq!(
            (asked.stay.as_str(), asked.leave.as_str()),
            ("Finish the copy first", "Stop it and leave")
        );
        let sample = Wish::Sample(&SAMPLES[0]);
        let asked =
            question(&sample, &Export::Failed { plan: 0, message: "no room".into() }, "a.repaired.aof");
        assert_eq!(asked.leave, format!("Open {}", SAMPLES[0].title));
        assert_eq!(asked.sentence, "a.repaired.aof was not made.");
    }
}
