//! `snaptape check`.

use std::io::{self, Write as _};

use anyhow::Result;
use snaptape_report::{CheckReport, Holds, Load, units};

use snaptape_summary::{Facts, verdict::verdict};

use crate::{InputArgs, input, output, run, together};

pub(crate) fn run(args: &InputArgs, deep: bool, json: bool) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let outcome = run::job(&inputs, run::Asked { deep, ..args.asked() }, |_, _| Ok(()))?;
    let check = outcome.check;
    if json {
        output::json(&check)?;
    } else {
        print(&check, &verdict(Facts { report: &outcome.report, check: &check, plans: &outcome.plans }))?;
        for plan in &outcome.plans {
            writeln!(io::stdout().lock(), "\nPlan {}: {}", plan.name, plan.summary)?;
        }
    }
    Ok(u8::try_from(check.exit_status()).unwrap_or(2))
}

fn print(check: &CheckReport, verdict: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{verdict}")?;
    output::findings(&mut out, &check.findings)?;
    writeln!(out)?;
    output::files(&mut out, &check.files)?;
    writeln!(out, "\nOn start, {} ...", check.target)?;
    load(&mut out, "with aof-load-truncated yes", &check.loads.default)?;
    if check.loads.strict != check.loads.default {
        load(&mut out, "with aof-load-truncated no", &check.loads.strict)?;
    }
    for option in &check.loads.options {
        // The answer with aof-load-truncated yes stands there already; what it costs does not.
        let since = option.since.as_ref().map(|since| format!(" ({since} and later)")).unwrap_or_default();
        writeln!(out, "  {} {}{since} costs: {}", option.setting, option.value, option.loses)?;
    }
    let tool = &check.check_tool;
    writeln!(out, "  {} exits with {}, sound up to {}", tool.tool, tool.exit, units::offset(tool.ok_up_to))?;
    together::releases(&mut out, &check.releases)?;
    Ok(())
}

fn load(out: &mut impl io::Write, setting: &str, load: &Load) -> io::Result<()> {
    // The reason has the verb where it starts with something else than these files.
    if load.holds == Holds::Nothing {
        return writeln!(out, "  {setting} {}", load.why);
    }
    let starts = if load.starts { "starts" } else { "does not start" };
    writeln!(out, "  {setting} it {starts}: {}", load.why)
}
