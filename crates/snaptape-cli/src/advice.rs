//! Printing: what would save memory.

use std::io::Write;

use anyhow::Result;
use snaptape_report::{Advice, Dataset, units};

/// What is said of each item: bytes, the sentence, the line for the configuration, the price.
pub(crate) fn print(out: &mut impl Write, dataset: &Dataset) -> Result<()> {
    writeln!(out, "\nWhat would save memory")?;
    if dataset.advice.is_empty() {
        writeln!(out, "  {}", Advice::NOTHING)?;
        return Ok(());
    }
    for advice in &dataset.advice {
        let bytes = match advice.saved_bytes {
            Some(saved) => units::bytes(saved),
            None => "-".into(),
        };
        writeln!(out, "{bytes:>9}  {}", advice.sentence)?;
        if let Some(setting) = &advice.setting {
            writeln!(out, "{:11}{}", "", setting.line())?;
        }
        for more in [advice.cost.clone(), advice.examples_text()].into_iter().flatten() {
            writeln!(out, "{:11}{more}", "")?;
        }
    }
    Ok(())
}
