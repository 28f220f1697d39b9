//! What the rule of a time series keeps of the bucket that is being filled.

use self::Kind::{Double, Uint};

/// Of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Double,
    Uint,
}

/// An aggregation: its word, and what a rule keeps of the bucket that is being filled in the encoding from
/// version 7 on.
pub(super) type Aggregation = (&'static str, &'static [(Kind, &'static str)]);

const EXTREMES: &[(Kind, &str)] = &[(Double, "max so far"), (Double, "min so far")];
const MOMENTS: &[(Kind, &str)] =
    &[(Double, "sum so far"), (Double, "sum of squares so far"), (Uint, "samples so far")];
const VALUE: &[(Kind, &str)] = &[(Double, "value so far")];

/// By their numbers. Source: src/consts.h.
pub(super) const AGGREGATIONS: [Aggregation; 14] = [
    ("none", &[]),
    ("min", EXTREMES),
    ("max", EXTREMES),
    ("sum", VALUE),
    ("avg", &[(Double, "sum so far"), (Double, "samples so far"), (Uint, "overflowed")]),
    ("count", VALUE),
    ("first", &[(Double, "value so far"), (Uint, "empty")]),
    ("last", VALUE),
    ("range", EXTREMES),
    ("std.p", MOMENTS),
    ("std.s", MOMENTS),
    ("var.p", MOMENTS),
    ("var.s", MOMENTS),
    (
        "twa",
        &[
            (Double, "sum so far"),
            (Uint, "previous timestamp"),
            (Double, "previous value"),
            (Uint, "bucket start"),
            (Uint, "bucket end"),
            (Uint, "first timestamp"),
            (Uint, "last timestamp"),
            (Uint, "is first bucket"),
            (Uint, "iterations"),
            (Uint, "reverse"),
        ],
    ),
];
