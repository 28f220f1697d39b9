//! A titled box.

use yew::prelude::*;

use crate::hooks::use_turn;
use crate::words;

/// Properties of [`Card`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CardProps {
    /// Its heading.
    pub title: AttrValue,
    /// A few words beside the heading.
    #[prop_or_default]
    pub note: AttrValue,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
    /// What is in it.
    pub children: Html,
}

/// A section with a heading; wide tables scroll inside it and never move the page. Of many cards each is filled in a frame of its own.
#[component]
pub fn Card(props: &CardProps) -> Html {
    let turn = use_turn();
    html! {
        <section class={classes!("card", props.class.clone())}>
            <div class="cardHead">
                <h2 class="cardTitle">{ props.title.clone() }</h2>
                if !props.note.is_empty() {
                    <span class="cardNote">{ words::tied(&props.note) }</span>
                }
            </div>
            if turn {
                <div class="cardBody">{ props.children.clone() }</div>
            } else {
                <div class="cardBody cardWaiting"></div>
            }
        </section>
    }
}
