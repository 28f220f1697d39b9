//! The binary as scripts and people use it, and what real servers make of its copies.

mod advice;
mod bytes;
mod choice;
mod cli;
mod commands;
mod containers;
mod document;
mod key;
mod map;
mod run;
mod servers;
mod verdicts;
