use proptest::prelude::*;

use super::*;

fn tree<'a>(bounds: Bounds, names: impl IntoIterator<Item = &'a str>) -> PatternTree {
    let mut tree = PatternTree::new(bounds);
    let grouping = Grouping::default();
    for name in names {
        let memory_bytes = 50 + name.len() as u64 * 7;
        tree.add(&KeyFacts { name: name.as_bytes(), memory_bytes, ..KeyFacts::default() }, &grouping);
    }
    tree
}

fn plain<'a>(names: impl IntoIterator<Item = &'a str>) -> PatternTree {
    tree(Bounds::default(), names)
}

fn counts(tree: &PatternTree) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = tree.groups().into_iter().map(|g| (g.pattern, g.tally.keys)).collect();
    counts.sort();
    counts
}

/// A word without digits for each number.
fn word(mut n: u64) -> String {
    let mut out = String::from("w");
    loop {
        out.push(char::from(b'g' + u8::try_from(n % 20).unwrap()));
        n /= 20;
        if n == 0 {
            return out;
        }
    }
}

#[test]
fn few_words_stay_and_many_are_folded() {
    let few = plain(["user:ann:cart", "user:bob:cart", "user:7:cart"]);
    assert_eq!(counts(&few).len(), 3);
    let names: Vec<String> = (0..1000).map(|i| format!("user:{}:cart", word(i))).collect();
    let many = plain(names.iter().map(String::as_str));
    assert_eq!(counts(&many), [("user:{word}:cart".to_owned(), 1000)]);
    assert_eq!(many.folding(&Grouping::default()).folded_words, 1);
}

#[test]
fn a_large_but_honest_data_set_is_not_cut() {
    // An application with 40 modules of 30 entities each, which have 12 fields.
    let names: Vec<String> = (0..40 * 30 * 12 * 3)
        .map(|i| {
            let (module, entity, field, id) = (i % 40, i / 40 % 30, i / 1200 % 12, i);
            format!("app:{}:{}:{id}:{}", word(module), word(entity), word(field))
        })
        .collect();
    let tree = plain(names.iter().map(String::as_str));
    let folding = tree.folding(&Grouping::default());
    assert_eq!((folding.cut, folding.folded_words), (0, 0));
    assert_eq!(counts(&tree).len(), 40 * 30 * 12);
    let shared = folding.shared_first_segment.expect("all begin with app");
    assert_eq!((shared.segment.as_str(), shared.keys), ("app", 40 * 30 * 12 * 3));
}

#[test]
fn fields_behind_names_of_people_stay() {
    // More words in front than can be told apart, and what matters behind them.
    let names: Vec<String> =
        (0..60_000).map(|i| format!("{}:{}:{i}", word(i % 2000), word(i / 2000))).collect();
    let tree = plain(names.iter().map(String::as_str));
    assert_eq!(counts(&tree).len(), 30);
    assert!(counts(&tree).iter().all(|(name, keys)| name.starts_with("{word}:w") && *keys == 2000));
}

#[test]
fn order_and_split_do_not_matter() {
    let mut names: Vec<String> = (0..300).map(|i| format!("u:{}:p{}", word(i), i % 3)).collect();
    names.extend((0..50).map(|i| format!("v:{}", word(i))));
    let whole = plain(names.iter().map(String::as_str)).groups();
    assert_eq!(plain(names.iter().rev().map(String::as_str)).groups(), whole);
    for cut in [1, 90, 96, 97, 200, 349] {
        let mut a = plain(names[..cut].iter().map(String::as_str));
        a.merge(&plain(names[cut..].iter().map(String::as_str)), &Grouping::default());
        assert_eq!(a.groups(), whole, "cut at {cut}");
    }
}

#[test]
fn shares_only_shrink() {
    for share in 0..1 << 21 {
        let (most, least) = most_children(share);
        let next = most_children(share + 1);
        assert!(next.0 >= most && next.1 >= least, "{share}");
        // What is left of the share of an open node with the most children is at least what a folded one passes on.
        if let Some(part) = share.checked_div(most) {
            assert!(part.saturating_sub(1) >= least, "{share}");
        }
        assert!(u64::from(most) * u64::from(least + 1) <= u64::from(share) || share == 0);
    }
}

/// Names from few words and classes, so that the same places are met again and again.
fn names() -> impl Strategy<Value = Vec<String>> {
    let segment = prop_oneof![
        (0..12_u64).prop_map(word),
        (0..40_u64).prop_map(|n| n.to_string()),
        Just("a1b2c3".to_owned()),
        Just("2026-11-22".to_owned()),
        Just("10.0.0.1".to_owned()),
        Just("x-{y}".to_owned()),
        Just(String::new()),
    ];
    let separator = prop_oneof![Just(":"), Just("/"), Just("|")];
    let name = prop::collection::vec((segment, separator), 1..7)
        .prop_map(|parts| parts.into_iter().map(|(segment, separator)| segment + separator).collect());
    prop::collection::vec(name, 0..300)
}

fn bounds() -> impl Strategy<Value = Bounds> {
    (0..200_u32, 1..8_u32, 1..8_u32, 1..20_u32).prop_map(|(nodes, top, below, sketch)| Bounds {
        nodes,
        words: [top, below],
        sketch,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn a_spent_budget_does_not_depend_on_order_or_split(
        (names, shuffled) in names().prop_flat_map(|names| (Just(names.clone()), Just(names).prop_shuffle())),
        parts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        bounds in bounds(),
    ) {
        let whole = tree(bounds, names.iter().map(String::as_str));
        let groups = whole.groups();
        prop_assert!(whole.nodes.len() - whole.free.len() <= 2 * bounds.nodes as usize + 2);
        prop_assert_eq!(groups.iter().map(|g| g.tally.keys).sum::<u64>(), names.len() as u64);
        let mut cuts: Vec<usize> = parts.iter().map(|part| part.index(names.len() + 1)).collect();
        cuts.extend([0, names.len()]);
        cuts.sort_unstable();
        let mut merged = PatternTree::new(bounds);
        for cut in cuts.windows(2) {
            let part = tree(bounds, shuffled[cut[0]..cut[1]].iter().map(String::as_str));
            merged.merge(&part, &Grouping::default());
        }
        prop_assert_eq!(merged.groups(), groups);
        prop_assert_eq!(merged.folding(&Grouping::default()), whole.folding(&Grouping::default()));
    }
}
