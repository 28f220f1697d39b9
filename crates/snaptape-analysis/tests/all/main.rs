//! Everything the analysis says, over the corpus, beside what real servers said, and over what chance makes.

mod adversary;
mod advice;
mod deep;
mod features;
mod folds;
mod handmade;
mod map;
mod memory_accuracy;
mod rdb_corpus;
mod rdb_damaged;
mod rdb_salvage;
mod replay_corpus;
mod replay_server;
mod restore;
mod slots;
mod support_table;
mod tape;
mod third_party;
mod third_party_values;
