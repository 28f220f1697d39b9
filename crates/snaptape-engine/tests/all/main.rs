//! Whole data sets through jobs: what is read, listed, planned and exported, over the corpus and beside real servers.

mod choice;
mod commands;
mod compat;
mod containers;
mod counted;
mod deep;
mod jobs;
mod keys;
mod kit;
mod lost_snapshots;
mod map;
mod one_key;
mod packed_regions;
mod real_servers;
mod replay;
mod salvage;
mod set;
mod shards;
mod structure;
mod timeline;
