//! Restoring line ends, for whoever carries out a plan.

use snaptape_aof::{LineEnds, Reframer};

/// What carries out [`snaptape_report::Edit::Reframe`]: fed with the bytes of its span, window by window.
pub fn reframer(from: snaptape_report::LineEnds) -> Reframer {
    Reframer::new(match from {
        snaptape_report::LineEnds::Lf => LineEnds::Lf,
        snaptape_report::LineEnds::LoneLfToCrlf => LineEnds::LoneLfToCrlf,
        snaptape_report::LineEnds::EveryLfToCrlf => LineEnds::EveryLfToCrlf,
    })
}
