//! The open-source modules of Alibaba's Tair.

use snaptape_report::units;

use super::{Layout, Next, out::Out};

/// `exstrtype`, a string with a version. Source: TairString, src/tairstring.c.
#[derive(Debug, Default)]
pub(super) struct ExString {
    at: u8,
    version: u64,
    bytes: u64,
}

impl Layout for ExString {
    fn next(&self) -> Next {
        match self.at {
            0 | 1 => Next::Uint,
            2 => Next::Pass,
            _ => Next::End,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        if self.at == 0 {
            self.version = n;
        }
        out.number(if self.at == 0 { "version" } else { "flags" }, n);
        self.at += 1;
        Some(())
    }

    fn text(&mut self, len: u64, out: &mut Out<'_, '_>) -> Option<()> {
        self.bytes = len;
        out.begin(format_args!("value"));
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        out.end();
        self.at += 1;
    }

    fn sentence(&self) -> String {
        format!("String of {}, version {}", units::bytes(self.bytes), units::count(self.version))
    }
}

/// `tairzset_`, a sorted set with several scores for each member. Source: TairZset, src/tairzset.c.
#[derive(Debug, Default)]
pub(super) struct ExZset {
    at: ZsetAt,
    members: u64,
    left: u64,
    scores: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum ZsetAt {
    #[default]
    Count,
    Scores,
    Member,
    Score {
        left: u64,
    },
    End,
}

impl ExZset {
    fn next_member(&self) -> ZsetAt {
        if self.left == 0 { ZsetAt::End } else { ZsetAt::Member }
    }

    fn behind_score(&mut self, left: u64, out: &mut Out<'_, '_>) -> ZsetAt {
        if left > 0 {
            return ZsetAt::Score { left };
        }
        out.end();
        self.left -= 1;
        self.next_member()
    }
}

impl Layout for ExZset {
    fn next(&self) -> Next {
        match self.at {
            ZsetAt::Count | ZsetAt::Scores => Next::Uint,
            ZsetAt::Member => Next::Pass,
            ZsetAt::Score { .. } => Next::Double,
            ZsetAt::End => Next::End,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        if self.at == ZsetAt::Count {
            (self.members, self.left) = (n, n);
            out.number("members", n);
            self.at = ZsetAt::Scores;
        } else {
            self.scores = n;
            out.number("scores of each", n);
            self.at = self.next_member();
        }
        Some(())
    }

    fn text(&mut self, _: u64, out: &mut Out<'_, '_>) -> Option<()> {
        out.begin(format_args!("member {}", self.members - self.left + 1));
        out.text(b"name");
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        self.at = self.behind_score(self.scores, out);
    }

    fn double(&mut self, n: f64, out: &mut Out<'_, '_>) -> Option<()> {
        let ZsetAt::Score { left } = self.at else { return None };
        out.double_pair("score", n);
        self.at = self.behind_score(left - 1, out);
        Some(())
    }

    fn sentence(&self) -> String {
        format!(
            "Sorted set of {} with {} each",
            units::plural(self.members, "member", "members"),
            units::plural(self.scores, "score", "scores")
        )
    }
}
