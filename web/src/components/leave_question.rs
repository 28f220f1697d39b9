//! Asks before what is being made is thrown away.

use yew::prelude::*;

use super::Modal;
use crate::leaving::{Question, Wish};

/// The question; it goes when it was answered, or closed like any dialog, which leaves all as it is: `on_stay`.
pub fn leave_question(
    question: Question,
    wish: UseStateHandle<Option<Wish>>,
    fulfil: &Callback<Wish>,
    on_stay: Callback<()>,
) -> Html {
    let Question { title, sentence, stay, leave } = question;
    let (setter, fulfil) = (wish.setter(), fulfil.clone());
    let on_leave = Callback::from(move |_: MouseEvent| {
        if let Some(new) = &*wish {
            fulfil.emit(new.clone());
        }
        wish.set(None);
    });
    let beside = html! { <button type="button" class="button" onclick={on_leave} data-testid="leave-go">{ leave }</button> };
    html! {
        <Modal {title} close={stay} {beside} on_close={move |()| { setter.set(None); on_stay.emit(()); }}>
            <p data-testid="leave-sentence">{ sentence }</p>
        </Modal>
    }
}
