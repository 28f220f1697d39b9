//! One key at a time over the whole corpus: what comes page by page is what one pass over the file found.

mod canonical;
mod elements;
mod elsewhere;
mod module_fit;
mod modules;
mod read;
mod recreate;
