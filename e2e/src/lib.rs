//! The built page in a real headless browser, for the tests in `tests/` and for `screenshots`.
//!
//! [`Page::with`] starts everything afresh: a server that remembers what it was asked, a ChromeDriver, a Chromium with
//! an empty profile. Whatever the caller does, the page must in the end have asked for nothing but its own files, and
//! the console must hold no complaint.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod axe;
mod cdp;
mod driver;
mod forced;
mod moments;
mod page;
mod pictures;
mod record;
mod tour;

pub use axe::Violation;
pub use driver::Browser;
pub use moments::moments;
pub use page::{FirstVisit, Misconduct, Page, Scheme};
pub use pictures::pictures;
pub use snaptape_serve::Link;
pub use tour::tour;
