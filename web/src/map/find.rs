//! What is found in a map, and how much of everything that is.

use snaptape_report::MapSums;

use super::Tree;

/// How a part stands to what is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// It has nothing to do with it.
    #[default]
    Outside,
    /// Something within it is found.
    Around,
    /// It is found.
    Found,
    /// It is within something that is found.
    Within,
}

/// What is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How each part stands to it.
    standing: Vec<Standing>,
    /// How many parts are found; those within others that are found are not counted.
    pub parts: usize,
    /// What they hold together.
    pub sums: MapSums,
}

impl Found {
    /// How a part stands to what is looked for.
    pub fn standing(&self, at: usize) -> Standing {
        self.standing.get(at).copied().unwrap_or_default()
    }

    /// The parts that are found.
    pub fn found(&self) -> impl Iterator<Item = usize> {
        self.standing
            .iter()
            .enumerate()
            .filter(|(_, standing)| **standing == Standing::Found)
            .map(|(at, _)| at)
    }
}

/// Looks for a text in what parts are called, upper case or lower.
pub fn find(tree: &Tree, text: &str) -> Found {
    let text = text.trim().to_lowercase();
    let mut found = Found { standing: vec![Standing::Outside; tree.len()], ..Found::default() };
    for at in 1..tree.len() {
        let Some(parent) = tree.parent(at) else { continue };
        let standing = match found.standing(parent) {
            Standing::Found | Standing::Within => Standing::Within,
            _ if tree.title(at).to_lowercase().contains(&text) => Standing::Found,
            _ => continue,
        };
        if let Some(place) = found.standing.get_mut(at) {
            *place = standing;
        }
        if standing == Standing::Found {
            found.parts += 1;
            found.sums.merge(&tree.node(at).map(|node| node.sums).unwrap_or_default());
            for around in tree.way(at).into_iter().rev().skip(1) {
                if let Some(place) = found.standing.get_mut(around) {
                    *place = Standing::Around;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::sample;
    use super::*;

    #[test]
    fn nothing_is_counted_twice() {
        let tree = sample();
        let find = |text: &str| find(&tree, text);
        let user = find("USER");
        assert_eq!((user.parts, user.sums.memory_bytes), (1, 75));
        assert_eq!(user.standing(0), Standing::Around);
        assert_eq!(user.standing(3), Standing::Within);
        assert_eq!(user.standing(5), Standing::Outside);
        // Segments on both sides of an edge are one pattern.
        let cart = find(" {int}:cart");
        assert_eq!((cart.parts, cart.sums.memory_bytes), (1, 10));
        assert_eq!((cart.standing(1), cart.standing(3)), (Standing::Around, Standing::Found));
        assert_eq!(find("nowhere").parts, 0);
        assert_eq!(find("r").found().collect::<Vec<_>>(), [1, 6]);
    }
}
