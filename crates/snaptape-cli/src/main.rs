//! `snaptape`: the command line over the same engine as the page. Results go to standard output, messages to standard error,
//! progress only to a terminal.

#![forbid(unsafe_code)]

mod advice;
mod bytes;
mod check;
mod commands;
mod copy;
mod dataset;
mod document;
mod input;
mod inspect;
mod key;
mod keys;
mod map;
mod output;
mod patterns;
mod repair;
mod restore;
mod run;
mod tape;
mod together;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// See what a Redis or Valkey backup holds and whether it is sound; take away a repaired copy.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What the files are, where the memory went, what the tape holds.
    Inspect {
        #[command(flatten)]
        input: InputArgs,
        #[command(flatten)]
        patterns: patterns::PatternArgs,
        #[command(flatten)]
        restore: restore::RestoreArgs,
        #[command(flatten)]
        document: document::DocumentArgs,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// One row per key, in file order or another.
    Keys {
        #[command(flatten)]
        input: InputArgs,
        #[command(flatten)]
        patterns: patterns::PatternArgs,
        #[command(flatten)]
        filter: keys::Filter,
        /// How to print the rows.
        #[arg(long, value_enum, default_value_t = Format::Jsonl)]
        format: Format,
        /// Add `value_sha256`, the digest of each value in its canonical form.
        #[arg(long)]
        digest: bool,
    },
    /// One key: its elements, how it looks, where its memory goes, and the commands that make it again.
    Key {
        #[command(flatten)]
        input: InputArgs,
        #[command(flatten)]
        key: key::KeyArgs,
    },
    /// Where the memory is: keys nested in each other by name, type, encoding, database, hash slot or file.
    Map {
        #[command(flatten)]
        input: InputArgs,
        #[command(flatten)]
        patterns: patterns::PatternArgs,
        #[command(flatten)]
        map: map::MapArgs,
    },
    /// One row per command of a tape, in the order a server loads them: where it stands, in which database and at what time it ran,
    /// and its arguments, long ones shortened.
    Commands {
        #[command(flatten)]
        input: InputArgs,
        #[command(flatten)]
        list: commands::ListArgs,
    },
    /// The bytes of a region of a file, each with what it is: opcodes, lengths, keys, the entries of listpacks; and where it cannot be
    /// read, what belongs there.
    Bytes {
        #[command(flatten)]
        input: InputArgs,
        #[command(flatten)]
        bytes: bytes::BytesArgs,
    },
    /// Is it sound? Exit status 0: yes; 1: findings of severity error; 2: unusable.
    Check {
        #[command(flatten)]
        input: InputArgs,
        /// Decode every value and look whether it contradicts itself, as a server does with
        /// sanitize-dump-payload yes, and closer.
        #[arg(long)]
        deep: bool,
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a repaired copy. The input is never touched, and the copy is read again before it is put in place.
    Repair {
        /// A snapshot, a tape, a manifest, an append-only directory, or a compressed copy of one.
        path: PathBuf,
        /// Where the copy goes: a file, a folder, or a `.zip`. It must not exist yet. A receipt goes beside it.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Which plan to carry out: truncate, salvage, close-multi, mend, before, without; the best one that mends
        /// the damage where none is named.
        #[arg(long, value_name = "PLAN")]
        plan: Option<String>,
        /// Stop before this point of a tape (plan `before`): OFFSET, FILE:OFFSET, or a time as RFC 3339 or
        /// Unix seconds; without it, before the last FLUSHALL or FLUSHDB.
        #[arg(long, value_name = "POINT", conflicts_with = "commands")]
        at: Option<String>,
        /// Take this command out of a tape (plan `without`), more than once for several: OFFSET, FILE:OFFSET, its
        /// name where it is there once (FLUSHALL), or #1 for the first of them; without it, the last FLUSHALL or
        /// FLUSHDB.
        #[arg(long = "command", value_name = "COMMAND")]
        commands: Vec<String>,
        /// The release to answer for, like redis-7.4; default the one that wrote the files.
        #[arg(long)]
        target: Option<String>,
        /// Only say what would be done: with a plan, by that one; with none, by all of them.
        #[arg(long)]
        dry_run: bool,
        /// Print to standard output, in place of the report, the shell commands that put the copy in place.
        #[arg(long, value_enum, value_name = "HOST")]
        steps: Option<repair::Host>,
        /// Write no receipt.
        #[arg(long)]
        no_receipt: bool,
        /// Print plan and receipt as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What to read and for whom.
#[derive(Debug, Args)]
struct InputArgs {
    /// Snapshots, tapes, a manifest or an append-only directory, or compressed copies of them; several are one data set.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The release to answer for, like redis-7.4 or valkey-9.1; default the one that wrote the files.
    #[arg(long)]
    target: Option<String>,
    /// The allocator that release was built with, for memory: jemalloc-bundled, jemalloc-packaged, jemalloc-5.3.1, libc; default
    /// the one its figures were checked with.
    #[arg(long)]
    allocator: Option<String>,
}

impl InputArgs {
    /// The same for a job.
    fn asked(&self) -> run::Asked<'_> {
        run::Asked {
            target: self.target.as_deref(),
            allocator: self.allocator.as_deref(),
            ..run::Asked::default()
        }
    }
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Inspect { input, patterns, restore, document, json } => {
            inspect::run(&input, &patterns.into(), &restore, &document, json)
        }
        Command::Keys { input, patterns, filter, format, digest } => {
            keys::run(&input, patterns.into(), filter, format, digest)
        }
        Command::Key { input, key } => key::run(&input, &key),
        Command::Map { input, patterns, map } => map::run(&input, &patterns.into(), &map),
        Command::Commands { input, list } => commands::run(&input, list),
        Command::Bytes { input, bytes } => bytes::run(&input, &bytes),
        Command::Check { input, deep, json } => check::run(&input, deep, json),
        Command::Repair { path, out, plan, at, commands, target, dry_run, steps, no_receipt, json } => {
            repair::run(&repair::Order {
                path,
                out,
                plan,
                at,
                commands,
                target,
                dry_run,
                steps,
                no_receipt,
                json,
            })
        }
    };
    match result {
        Ok(status) => ExitCode::from(status),
        // A reader that has seen enough (`| head`) is no error.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("snaptape: {error:#}");
            ExitCode::from(2)
        }
    }
}
