//! `snaptape repair`: which plan, what it would do, and the copy.

mod carry_out;
mod choose;
mod print;

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use clap::ValueEnum;
use snaptape_engine::Outcome;
use snaptape_report::{
    Choice, Plan, PlanReport, PlanSummary, REPAIR_SCHEMA, Receipt, Verdict,
    place::{Placement, Steps},
};

use self::choose::Chosen;
use crate::{
    input::{self, Inputs},
    output, run,
};

/// What the command line asked for.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) path: PathBuf,
    pub(crate) out: Option<PathBuf>,
    /// Name of the plan; the first one that mends where none is given.
    pub(crate) plan: Option<String>,
    /// The point to stop before.
    pub(crate) at: Option<String>,
    /// The commands to take out.
    pub(crate) commands: Vec<String>,
    pub(crate) target: Option<String>,
    pub(crate) dry_run: bool,
    pub(crate) steps: Option<Host>,
    pub(crate) no_receipt: bool,
    pub(crate) json: bool,
}

/// Where the server runs that the copy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Host {
    /// As a service of systemd.
    Systemd,
    /// In a container of docker or podman.
    Container,
}

/// Looks into every value: what contradicts itself must not get into a copy.
fn closely<'a>(target: Option<&'a str>, choice: Option<&'a Choice>) -> run::Asked<'a> {
    run::Asked { target, deep: true, choice, ..run::Asked::default() }
}

/// Carries out the order. Exit status 0: written (or nothing to do); 1: no such plan for this input; 2: unusable.
pub(crate) fn run(order: &Order) -> Result<u8> {
    ensure!(order.dry_run || order.out.is_some(), "say where the copy goes with --out, or add --dry-run");
    let inputs = input::find(std::slice::from_ref(&order.path))?;
    let choice = match choose::choice(order, &inputs)? {
        Chosen::Nothing => None,
        Chosen::This(choice) => Some(choice),
        Chosen::Impossible(why) => {
            eprintln!("snaptape: {why}");
            return Ok(1);
        }
    };
    let outcome = run::job(&inputs, closely(order.target.as_deref(), choice.as_ref()), |_, _| Ok(()))?;
    if let Some(why) = &outcome.refused {
        eprintln!("snaptape: {}: {why}.", order.path.display());
        return Ok(if outcome.check.verdict == Verdict::Unusable { 2 } else { 1 });
    }
    let name = choose::plan_name(order, choice.as_ref());
    let takes_back = name.is_some_and(|name| choose::TAKES_BACK.contains(&name));
    if !takes_back && outcome.check.verdict == Verdict::Sound {
        return nothing_to_repair(order, &outcome);
    }
    let mends = |plan: &Plan| !choose::TAKES_BACK.contains(&plan.name.as_str());
    let chosen = |plan: &&Plan| name.map_or_else(|| mends(plan), |name| name == plan.name);
    let Some(plan) = outcome.plans.iter().find(chosen) else {
        return no_plan(order, &outcome, name);
    };
    let about = |receipt: Option<Receipt>, steps: Option<Steps>| PlanReport {
        schema: REPAIR_SCHEMA.into(),
        verdict: outcome.check.verdict,
        plan: plan.clone(),
        plans: outcome.plans.iter().map(PlanSummary::from).collect(),
        choice: choice.clone(),
        receipt,
        steps,
    };
    let report = match &order.out {
        Some(out) if !order.dry_run => {
            let steps = placement(plan, &inputs, out, &outcome).steps();
            carry_out::carry_out(plan, &inputs, &outcome.sources, out, order, &outcome.check, |receipt| {
                about(Some(receipt), Some(steps))
            })?
        }
        _ => about(None, None),
    };
    if order.json {
        output::json(&report)?;
    } else if let (Some(host), Some(steps)) = (order.steps, &report.steps) {
        print::report(&mut io::stderr().lock(), &report, order)?;
        writeln!(io::stdout().lock(), "{}", host.of(steps))?;
    } else if name.is_none() && order.dry_run {
        print::plans(&mut io::stdout().lock(), &outcome.plans)?;
        print::report(&mut io::stdout().lock(), &report, order)?;
    } else {
        print::report(&mut io::stdout().lock(), &report, order)?;
        if let Some(steps) = &report.steps {
            eprintln!(
                "\nTo put it in place (for a container: --steps container):\n{}",
                Host::Systemd.of(steps)
            );
        }
    }
    Ok(0)
}

impl Host {
    fn of(self, steps: &Steps) -> &str {
        match self {
            Self::Systemd => &steps.systemd,
            Self::Container => &steps.container,
        }
    }
}

/// Where the copy is to go on the server.
fn placement(plan: &Plan, inputs: &Inputs, out: &Path, outcome: &Outcome) -> Placement {
    let copy = out.file_name().unwrap_or_default().to_string_lossy();
    let folder = carry_out::folder_name(inputs);
    let placement = Placement::of(plan, &folder, &copy, &outcome.check.target);
    if plan.directory { Placement { name: folder, ..placement } } else { placement }
}

/// Nothing is wrong; but something may be taken back.
fn nothing_to_repair(order: &Order, outcome: &Outcome) -> Result<u8> {
    eprintln!("{} is sound: there is nothing to repair.", order.path.display());
    if let [first, ..] = outcome.plans.as_slice() {
        let names: Vec<&str> = outcome.plans.iter().map(|plan| plan.name.as_str()).collect();
        eprintln!("To go back in it, choose a plan with --plan: {}.", names.join(", "));
        if order.dry_run && order.json {
            let report = PlanReport {
                schema: REPAIR_SCHEMA.into(),
                verdict: outcome.check.verdict,
                plan: first.clone(),
                plans: outcome.plans.iter().map(PlanSummary::from).collect(),
                choice: None,
                receipt: None,
                steps: None,
            };
            output::json(&report)?;
        } else if order.dry_run {
            print::plans(&mut io::stdout().lock(), &outcome.plans)?;
        }
    }
    Ok(0)
}

fn no_plan(order: &Order, outcome: &Outcome, asked: Option<&str>) -> Result<u8> {
    output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
    let names: Vec<&str> = outcome.plans.iter().map(|plan| plan.name.as_str()).collect();
    match (asked, names.is_empty()) {
        (Some(asked), false) => {
            eprintln!("There is no plan \"{asked}\" for this input; there is: {}.", names.join(", "));
        }
        (Some(asked), true) if outcome.check.verdict == Verdict::Sound => {
            eprintln!("{} is sound, and there is no plan \"{asked}\" for it.", order.path.display());
        }
        (None, false) => eprintln!(
            "There is no plan that would mend all of it; one may choose with --plan: {}.",
            names.join(", ")
        ),
        (_, true) => eprintln!("There is no plan that would give a copy a server loads."),
    }
    Ok(if outcome.check.verdict == Verdict::Unusable { 2 } else { 1 })
}
