//! Searches for bytes, in a worker of their own.

use core::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use super::Engine;
use super::link::{Link, Reply};
use crate::bytes::hunt::Hunt;
use crate::protocol::{BytesAsked, Look, LookAnswer, LookRequest};

/// A search for bytes.
#[derive(Clone)]
pub struct ByteHunt {
    /// How it is going.
    pub hunt: UseStateHandle<Hunt>,
    link: Rc<RefCell<Option<Link<Look>>>>,
}

impl ByteHunt {
    /// Starts one; another one that is under way ends.
    pub fn start(&self, engine: &Engine, asked: BytesAsked) {
        let setter = self.hunt.setter();
        setter.set(Hunt::Running { done_bytes: 0, total_bytes: asked.content_bytes });
        let each = setter.clone();
        let (back, cursor) = (asked.back, asked.cursor);
        let link = Link::start(move |reply, _| match reply {
            Reply::Progress { done_bytes, total_bytes } => {
                each.set(Hunt::Running { done_bytes, total_bytes });
            }
            Reply::Answer(LookAnswer::FoundBytes(place)) => {
                each.set(place.map_or(Hunt::Nowhere, |place| Hunt::Found { place, back, cursor }));
            }
            Reply::Failed { message } => each.set(Hunt::Failed(message.into())),
            Reply::Part(_) | Reply::Answer(_) => {}
        });
        match link {
            Ok(link) => {
                link.post(&LookRequest::FindBytes(Box::new(asked)), &engine.files(), None);
                self.link.replace(Some(link));
            }
            Err(message) => setter.set(Hunt::Failed(message.into())),
        }
    }

    /// Ends it.
    pub fn stop(&self) {
        self.link.take();
        self.hunt.set(Hunt::Idle);
    }
}

/// Searches for bytes, one at a time.
#[hook]
pub fn use_byte_hunt() -> ByteHunt {
    let hunt = use_state(Hunt::default);
    let link = (*use_state(|| Rc::new(RefCell::new(None)))).clone();
    {
        let link = Rc::clone(&link);
        use_effect_with((), move |()| move || drop(link.take()));
    }
    ByteHunt { hunt, link }
}
