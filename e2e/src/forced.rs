//! What the screen that is shown loses in forced colours, and what moves on it though no movement is wanted.

use serde_json::Value;

use crate::page::{Page, Scheme};

const LOST: &str = include_str!("forced.js");

const MOVING: &str = "
    const moves = document.getAnimations().map((animation) => `${animation.constructor.name} of ${animation.effect?.target?.className}`);
    for (const element of document.querySelectorAll('*')) {
        const style = getComputedStyle(element);
        const durations = `${style.transitionDuration}, ${style.animationDuration}`.split(', ');
        if (durations.some((duration) => parseFloat(duration) > 0) || style.scrollBehavior === 'smooth') {
            moves.push(`${element.tagName} .${element.getAttribute('class')}`);
        }
    }
    return moves;";

impl Page {
    /// What cannot be seen or told apart any more where the system forces its few colours on the page. Leaves the page in its own ones.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub async fn lost_in_forced_colors(&self, scheme: Scheme) -> Vec<String> {
        self.media(scheme, true).await;
        self.settle().await;
        // From here on the browser shows where the focus is, as it does for those who press keys.
        self.press("\u{e008}").await;
        let lost = self.run(LOST, vec![]).await;
        self.media(scheme, false).await;
        sentences(&lost)
    }

    /// What moves, or would when something changes, though the system asks for no movement.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub async fn moving(&self) -> Vec<String> {
        sentences(&self.run(MOVING, vec![]).await)
    }
}

fn sentences(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
