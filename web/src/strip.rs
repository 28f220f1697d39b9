//! What a plan keeps of each file, as stretches of a strip.

use snaptape_report::{Edit, FileReport, OutputFile, Plan};
use snaptape_sort::Sort as _;

/// How a stretch of an input fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Copied.
    Keep,
    /// Left out, with something kept behind it.
    Hole,
    /// Left out, with nothing kept behind it.
    Lost,
}

/// A stretch of an input file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// How it fares.
    pub fate: Fate,
    /// First byte.
    pub start: u64,
    /// Byte after the last one.
    pub end: u64,
}

/// What becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// Its path.
    pub name: String,
    /// Bytes of the input file; of the new text where there is no input.
    pub file_bytes: u64,
    /// Is it written anew (a manifest)?
    pub anew: bool,
    /// Its stretches, in file order, without gaps; empty for a file that is written anew.
    pub stretches: Vec<Stretch>,
    /// Bytes that are left out.
    pub lost_bytes: u64,
    /// Why, in the plan's words; empty when nothing is.
    pub why: String,
}

/// The strips of a plan: first the files of the copy, then the inputs that are left out as a whole.
pub fn strips(plan: &Plan, files: &[FileReport]) -> Vec<Strip> {
    let mut strips: Vec<Strip> = plan.outputs.iter().map(|output| of_output(output, files)).collect();
    for file in files {
        if plan.outputs.iter().all(|output| output.source != file.name && output.name != file.name) {
            let fate = Fate::Lost;
            strips.push(Strip {
                name: file.name.clone(),
                file_bytes: file.content_bytes(),
                anew: false,
                stretches: vec![Stretch { fate, start: 0, end: file.content_bytes() }],
                lost_bytes: file.content_bytes(),
                why: "not part of the copy".into(),
            });
        }
    }
    strips
}

/// All files in one strip, in their order: what remains of the whole. Files written anew are left out, they take no place, and so is the
/// manifest, which is no data.
pub fn whole(strips: &[Strip]) -> Strip {
    let mut whole = Strip {
        name: String::new(),
        file_bytes: 0,
        anew: false,
        stretches: vec![],
        lost_bytes: 0,
        why: String::new(),
    };
    let is_data = |strip: &&Strip| !strip.anew && !strip.name.ends_with(".manifest");
    let old: Vec<&Strip> = strips.iter().filter(is_data).collect();
    for (i, strip) in old.iter().enumerate() {
        let shift = whole.file_bytes;
        // A file that ends early is a hole of the whole where something is kept of a later one.
        let more = old.iter().skip(i + 1).any(|later| later.stretches.iter().any(|s| s.fate == Fate::Keep));
        for stretch in &strip.stretches {
            let fate = if stretch.fate == Fate::Lost && more { Fate::Hole } else { stretch.fate };
            whole.stretches.push(Stretch { fate, start: stretch.start + shift, end: stretch.end + shift });
        }
        whole.file_bytes += strip.file_bytes;
        whole.lost_bytes += strip.lost_bytes;
    }
    whole
}

fn of_output(output: &OutputFile, files: &[FileReport]) -> Strip {
    let source = files.iter().find(|file| file.name == output.source && !output.source.is_empty());
    let Some(source) = source else {
        return Strip {
            name: output.name.clone(),
            file_bytes: output.bytes(),
            anew: true,
            stretches: vec![],
            lost_bytes: 0,
            why: inserted_why(output),
        };
    };
    let kept: Vec<(u64, u64)> = output
        .edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Keep { start, end } | Edit::Reframe { start, end, .. } if end > start => {
                Some((*start, *end))
            }
            _ => None,
        })
        .collect();
    if kept.is_empty() && output.edits.iter().any(|edit| matches!(edit, Edit::Insert { .. })) {
        return Strip {
            name: output.name.clone(),
            file_bytes: output.bytes(),
            anew: true,
            stretches: vec![],
            lost_bytes: 0,
            why: inserted_why(output),
        };
    }
    let mut stretches = Vec::new();
    let mut at = 0;
    for &(start, end) in &kept {
        if start > at {
            stretches.push(Stretch { fate: Fate::Hole, start: at, end: start });
        }
        stretches.push(Stretch { fate: Fate::Keep, start, end });
        at = end;
    }
    if at < source.content_bytes() {
        stretches.push(Stretch { fate: Fate::Lost, start: at, end: source.content_bytes() });
    }
    let lost_bytes = stretches
        .iter()
        .filter(|stretch| stretch.fate != Fate::Keep)
        .map(|stretch| stretch.end - stretch.start)
        .sum();
    // A plan may leave out thousands of places for a few reasons.
    let mut why: Vec<&str> = output
        .edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Drop { why, .. } => Some(why.as_str()),
            Edit::Keep { .. } | Edit::Insert { .. } | Edit::Reframe { .. } | Edit::Checksum => None,
        })
        .collect();
    why.order();
    why.dedup();
    Strip {
        name: output.name.clone(),
        file_bytes: source.content_bytes(),
        anew: false,
        stretches,
        lost_bytes,
        why: why.join("; "),
    }
}

fn inserted_why(output: &OutputFile) -> String {
    let why: Vec<&str> = output
        .edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Insert { why, .. } => Some(why.as_str()),
            Edit::Keep { .. } | Edit::Drop { .. } | Edit::Reframe { .. } | Edit::Checksum => None,
        })
        .collect();
    why.join("; ")
}

/// Where a stretch is drawn on a strip `width` units wide: `(x, width)`. A loss is never drawn thinner than
/// `least` units, or nobody would see what 60 bytes of 4 GB mean.
pub fn draw(strip: &Strip, width: f64, least: f64) -> Vec<(Fate, f64, f64)> {
    let total = strip.file_bytes.max(1) as f64;
    let mut placed = Vec::new();
    for stretch in &strip.stretches {
        let x = stretch.start as f64 / total * width;
        let w = (stretch.end - stretch.start) as f64 / total * width;
        if stretch.fate == Fate::Keep || w >= least {
            placed.push((stretch.fate, x, w));
        } else {
            placed.push((stretch.fate, x.min(width - least), least));
        }
    }
    // Losses are drawn last, over their neighbours.
    placed.order_by_key(|(fate, ..)| *fate != Fate::Keep);
    placed
}

#[cfg(test)]
mod tests {
    use snaptape_report::{NewBytes, Role};

    use super::*;
    use crate::testing::{self, file};

    fn plan(outputs: Vec<OutputFile>) -> Plan {
        Plan { outputs, directory: true, ..testing::plan() }
    }

    fn output(name: &str, edits: Vec<Edit>) -> OutputFile {
        OutputFile { name: name.into(), source: name.into(), edits }
    }

    #[test]
    fn a_cut_tail_is_lost() {
        let cut = output(
            "a",
            vec![Edit::Keep { start: 0, end: 90 }, Edit::Drop { start: 90, end: 100, why: "torn".into() }],
        );
        let strips = strips(&plan(vec![cut]), &[file("a", Role::Aof, 100)]);
        assert_eq!(
            strips[0].stretches,
            [
                Stretch { fate: Fate::Keep, start: 0, end: 90 },
                Stretch { fate: Fate::Lost, start: 90, end: 100 }
            ]
        );
        assert_eq!((strips[0].lost_bytes, strips[0].why.as_str()), (10, "torn"));
    }

    #[test]
    fn a_gap_is_a_hole() {
        let holed = output("a", vec![Edit::Keep { start: 0, end: 10 }, Edit::Keep { start: 40, end: 100 }]);
        let strips = strips(&plan(vec![holed]), &[file("a", Role::Aof, 100)]);
        let fates: Vec<Fate> = strips[0].stretches.iter().map(|stretch| stretch.fate).collect();
        assert_eq!(fates, [Fate::Keep, Fate::Hole, Fate::Keep]);
        assert_eq!(strips[0].lost_bytes, 30);
    }

    #[test]
    fn new_text_and_left_out_files() {
        let manifest = OutputFile {
            name: "m".into(),
            source: String::new(),
            edits: vec![Edit::Insert {
                bytes: NewBytes::new(b"abc".to_vec()),
                why: "lists what is there".into(),
            }],
        };
        let strips = strips(&plan(vec![manifest]), &[file("gone", Role::Incr, 7)]);
        assert!(strips[0].anew && strips[0].file_bytes == 3);
        assert_eq!((strips[1].name.as_str(), strips[1].lost_bytes), ("gone", 7));
    }

    #[test]
    fn files_are_laid_end_to_end() {
        let first = output("a", vec![Edit::Keep { start: 0, end: 6 }]);
        let second = output("b", vec![Edit::Keep { start: 0, end: 4 }]);
        let manifest = output("d/m.manifest", vec![Edit::Keep { start: 0, end: 5 }]);
        let files =
            [file("a", Role::Incr, 10), file("b", Role::Incr, 10), file("d/m.manifest", Role::Manifest, 5)];
        let whole = whole(&strips(&plan(vec![first, second, manifest]), &files));
        assert_eq!((whole.file_bytes, whole.lost_bytes), (20, 10));
        let drawn: Vec<_> = whole.stretches.iter().map(|s| (s.fate, s.start, s.end)).collect();
        let expected = [(Fate::Keep, 0, 6), (Fate::Hole, 6, 10), (Fate::Keep, 10, 14), (Fate::Lost, 14, 20)];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_tiny_loss_can_be_seen() {
        let cut = output("a", vec![Edit::Keep { start: 0, end: 999_999 }]);
        let strips = strips(&plan(vec![cut]), &[file("a", Role::Aof, 1_000_000)]);
        let drawn = draw(&strips[0], 1_000.0, 6.0);
        assert_eq!(drawn.len(), 2);
        assert_eq!(drawn[1], (Fate::Lost, 994.0, 6.0));
    }
}
