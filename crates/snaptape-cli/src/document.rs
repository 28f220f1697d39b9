//! `snaptape inspect --format html|markdown`: a document for a ticket.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use snaptape_engine::Outcome;
use snaptape_summary::{
    Facts,
    document::{DocumentOptions, document, html, markdown},
    names::{Naming, Salt},
};

use crate::run;

/// What `inspect` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Tables for a terminal.
    #[default]
    Text,
    /// The report as JSON, as with --json.
    Json,
    /// One file of HTML for a ticket, without script and without values.
    Html,
    /// The same as Markdown.
    Markdown,
}

/// How names of keys are given in a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum NamesArg {
    /// As they are.
    #[default]
    Shown,
    /// Their shape alone: letters x, digits 9.
    Masked,
    /// Twelve hex digits of their SHA-256 with a salt.
    Hashed,
}

#[derive(Debug, Args)]
pub(crate) struct DocumentArgs {
    /// What to print: tables for a terminal, JSON, or a document for a ticket.
    #[arg(long, value_enum, default_value_t, conflicts_with = "json")]
    pub(crate) format: ReportFormat,
    /// How names of keys are given in a document (--format html or markdown).
    #[arg(long, value_enum, value_name = "NAMES")]
    keys: Option<NamesArg>,
    /// The salt of hashed names, 32 hex digits; drawn and told on standard error where none is given.
    #[arg(long, value_name = "HEX", requires = "keys")]
    salt: Option<String>,
}

impl DocumentArgs {
    /// Names are hidden in documents alone: tables and JSON that looked as if they were not would give them away.
    pub(crate) fn check(&self) -> Result<()> {
        let is_document = matches!(self.format, ReportFormat::Html | ReportFormat::Markdown);
        anyhow::ensure!(
            is_document || self.keys.is_none(),
            "--keys is for documents: --format html or --format markdown"
        );
        anyhow::ensure!(
            self.salt.is_none() || self.keys == Some(NamesArg::Hashed),
            "--salt is for hashed names: --keys hashed"
        );
        Ok(())
    }

    /// Prints the document.
    pub(crate) fn print(&self, outcome: &Outcome) -> Result<()> {
        let naming = match self.keys.unwrap_or_default() {
            NamesArg::Shown => Naming::Shown,
            NamesArg::Masked => Naming::Masked,
            NamesArg::Hashed => Naming::Hashed(self.salt()?),
        };
        let options =
            DocumentOptions { naming, version: env!("CARGO_PKG_VERSION").into(), now_ms: run::now_ms() };
        let facts = Facts { report: &outcome.report, check: &outcome.check, plans: &outcome.plans };
        let document = document(facts, &options);
        let text = if self.format == ReportFormat::Html { html(&document) } else { markdown(&document) };
        io::stdout().lock().write_all(text.as_bytes())?;
        Ok(())
    }

    fn salt(&self) -> Result<Salt> {
        if let Some(digits) = &self.salt {
            return Salt::parse(digits).context("a salt is 32 hex digits");
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("drawing a salt: {error}"))?;
        let salt = Salt::new(random);
        eprintln!("The salt is {}. Keep it to find names again: {}", salt.digits(), salt.recipe());
        Ok(salt)
    }
}
