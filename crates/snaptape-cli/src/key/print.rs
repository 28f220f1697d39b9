//! What of a key is printed, as text or JSON.

use std::io::Write;

use anyhow::Result;
use serde_json::{Value, json};
use snaptape_report::{
    ElementRow, ElementText, KeyHead, KeyName, KeySurvey, Look, LookBody, StreamFacts, units,
};

use super::Found;

fn text_json(text: &ElementText) -> Value {
    let mut value = match KeyName::new(&text.bytes) {
        KeyName::Text { key } => json!({ "text": key }),
        KeyName::Binary { key_base64 } => json!({ "base64": key_base64 }),
    };
    if text.is_cut() {
        value["len_bytes"] = text.len_bytes.into();
    }
    value
}

pub(super) fn row_json(row: &ElementRow) -> Value {
    let mut value =
        json!({ "index": row.index, "strings": row.texts.iter().map(text_json).collect::<Vec<_>>() });
    if let Some(label) = &row.label {
        value["label"] = label.as_str().into();
    }
    if let Some(score) = &row.score {
        value["score"] = score.as_str().into();
    }
    if let Some((longitude, latitude)) = &row.position {
        value["if_geo"] = json!({ "longitude": longitude, "latitude": latitude });
    }
    if let Some(at_ms) = row.expires_at_ms {
        value["expires_at_ms"] = at_ms.into();
    }
    if row.more_texts > 0 {
        value["more_strings"] = row.more_texts.into();
    }
    value
}

pub(super) fn head(
    found: &Found<'_>,
    head: &KeyHead,
    survey: &KeySurvey,
    out: &mut impl Write,
) -> Result<()> {
    writeln!(out, "{}", head.name.display())?;
    let elements = survey.elements.map(|n| match survey.type_name.0.as_str() {
        "string" => format!(", {}", units::plural(n, "byte", "bytes")),
        _ => format!(", {}", units::plural(n, "element", "elements")),
    });
    writeln!(
        out,
        "{} ({}){}, database {}, hash slot {}",
        survey.type_name,
        survey.encoding,
        elements.unwrap_or_default(),
        head.db,
        head.slot
    )?;
    match head.expires_at_ms {
        Some(at_ms) => writeln!(out, "expires {}", units::time_ms(at_ms))?,
        None if head.expires_fields => writeln!(out, "never expires as a whole; fields of it may")?,
        None => writeln!(out, "never expires")?,
    }
    if let Some(secs) = head.idle_s {
        writeln!(
            out,
            "used last {} before the file was written",
            units::duration_ms(secs.saturating_mul(1_000))
        )?;
    }
    if let Some(counter) = head.freq {
        writeln!(out, "LFU counter {counter}")?;
    }
    writeln!(
        out,
        "{} in the file ({}, bytes {} to {}), {} payload, {} memory (estimate for {})",
        units::bytes(survey.end - head.start),
        found.source.path,
        units::offset(head.start),
        units::offset(survey.end),
        units::bytes(survey.payload_bytes),
        units::bytes(survey.memory_bytes),
        survey.target
    )?;
    for part in &survey.memory_parts {
        writeln!(out, "  {:>10}  {}", units::bytes(part.memory_bytes), part.what)?;
    }
    if let Some(module) = &survey.module {
        for sentence in [&module.sentence, &module.note].into_iter().flatten() {
            writeln!(out, "{sentence}")?;
        }
    }
    if let Some(why) = &survey.stopped {
        writeln!(out, "{why}")?;
    }
    Ok(())
}

pub(super) fn row(row: &ElementRow, is_module: bool, out: &mut impl Write) -> Result<()> {
    write!(out, "{:>10}", row.index)?;
    if let Some(label) = &row.label {
        write!(out, "  {label}")?;
    }
    // Of a module, what a value is and the value.
    let in_pairs = is_module && row.texts.len() > 1;
    for (i, text) in row.texts.iter().enumerate() {
        let more = if text.is_cut() {
            format!(" ... {} in all", units::bytes(text.len_bytes))
        } else {
            String::new()
        };
        let between = if in_pairs && i % 2 == 1 { "=" } else { "  " };
        write!(out, "{between}{}{more}", units::printable(&text.bytes))?;
    }
    if row.more_texts > 0 {
        write!(out, "  ... {}", units::plural(row.more_texts, "string more", "strings more"))?;
    }
    if let Some(score) = &row.score {
        write!(out, "  {score}")?;
    }
    if let Some((longitude, latitude)) = &row.position {
        write!(out, "  (as a geo position {longitude}, {latitude})")?;
    }
    if let Some(at_ms) = row.expires_at_ms {
        write!(out, "  expires {}", units::time_ms(at_ms))?;
    }
    writeln!(out)?;
    Ok(())
}

pub(super) fn look(look: &Look, len: u64, out: &mut impl Write) -> Result<()> {
    let guesses: Vec<String> =
        look.guesses.iter().map(|guess| format!("{} {}", guess.certainty.word(), guess.what)).collect();
    writeln!(out, "\n{}: {}", units::plural(len, "byte", "bytes"), guesses.join(", "))?;
    if !look.layers.is_empty() {
        writeln!(out, "inside: {}", look.layers.join(", then "))?;
    }
    match &look.body {
        LookBody::Text(text) => writeln!(out, "{text}")?,
        LookBody::Facts(facts) => {
            for (name, words) in facts {
                writeln!(out, "{name:>20}  {words}")?;
            }
        }
        LookBody::Tree(lines) => {
            for line in lines {
                let indent = "  ".repeat(usize::try_from(line.depth).unwrap_or(0));
                let key = if line.key.is_empty() { String::new() } else { format!("{}: ", line.key) };
                let words = match line.kind.as_str() {
                    "object" | "array" => format!("{} ({})", line.kind, line.children),
                    "string" => format!("\"{}\"", line.text),
                    _ if line.text.is_empty() => line.kind.clone(),
                    _ => line.text.clone(),
                };
                writeln!(out, "{indent}{key}{words}")?;
            }
        }
        LookBody::Hex(from, bytes) => {
            for (i, row) in bytes.chunks(16).enumerate() {
                let hex: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
                let text: String = row
                    .iter()
                    .map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' })
                    .collect();
                writeln!(out, "{:08x}  {:<47}  {text}", from + 16 * i as u64, hex.join(" "))?;
            }
        }
    }
    if let Some(note) = &look.note {
        writeln!(out, "{note}")?;
    }
    Ok(())
}

pub(super) fn stream(stream: &StreamFacts, out: &mut impl Write) -> Result<()> {
    writeln!(out, "\nlast ID {}", stream.last_id)?;
    if let Some(added) = stream.entries_added {
        writeln!(out, "{} ever added", units::plural(added, "entry", "entries"))?;
    }
    for group in &stream.groups {
        let lag = group.lag.map_or_else(|| "unknown".into(), units::count);
        writeln!(
            out,
            "group {}: last ID {}, lag {lag}, {} pending",
            units::printable(&group.name),
            group.last_id,
            units::count(group.pending)
        )?;
        for consumer in &group.consumers {
            writeln!(
                out,
                "  consumer {}: {} pending, seen {}",
                units::printable(&consumer.name),
                units::count(consumer.pending),
                units::time_ms(consumer.seen_at_ms)
            )?;
        }
        for pending in &group.first_pending {
            let consumer = pending.consumer.as_deref().map(units::printable).unwrap_or_default();
            writeln!(
                out,
                "  pending {} {consumer}: delivered {}, {}",
                pending.id,
                units::time_ms(pending.delivered_at_ms),
                units::plural(pending.deliveries, "time", "times")
            )?;
        }
    }
    if stream.more_groups > 0 {
        writeln!(out, "... and {} groups more", units::count(stream.more_groups))?;
    }
    Ok(())
}
