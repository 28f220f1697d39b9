//! What the address says of the map.

use snaptape_report::{MapMeasure, MapNesting};

use crate::hash_text::{decode, encode};

/// How a map is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MapStyle {
    /// Rectangles within rectangles.
    #[default]
    Treemap,
    /// Rows, each part below what it is within.
    Icicle,
    /// Rows of figures.
    Table,
}

impl MapStyle {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Treemap, Self::Icicle, Self::Table];

    /// Its word in the address.
    pub fn id(self) -> &'static str {
        match self {
            Self::Treemap => "treemap",
            Self::Icicle => "icicle",
            Self::Table => "table",
        }
    }

    /// Its name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Treemap => "Treemap",
            Self::Icicle => "Icicle",
            Self::Table => "Table",
        }
    }
}

/// Which part of which map is shown, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapPlace {
    /// How it is drawn.
    pub style: MapStyle,
    /// What its parts are as large as.
    pub measure: MapMeasure,
    /// What keys are nested by.
    pub nesting: MapNesting,
    /// The names of the parts on the way to the one that is shown, from the outside in; all keys where there are none.
    pub zoom: Vec<String>,
    /// What is looked for.
    pub find: String,
}

impl MapPlace {
    /// Takes a pair of the address; what it does not know is passed over.
    pub fn take(&mut self, name: &str, word: &str) {
        match name {
            "map" => {
                let style = MapStyle::ALL.into_iter().find(|style| style.id() == word);
                self.style = style.unwrap_or_default();
            }
            "map-measure" => self.measure = MapMeasure::from_id(word).unwrap_or_default(),
            "map-by" => self.nesting = MapNesting::parse(word).unwrap_or_default(),
            "map-zoom" => self.zoom = word.split('/').map(decode).collect(),
            "map-find" => self.find = decode(word),
            _ => {}
        }
    }

    /// Adds its pairs to those of an address.
    pub fn write(&self, query: &mut Vec<String>) {
        if self.style != MapStyle::default() {
            query.push(format!("map={}", self.style.id()));
        }
        if self.measure != MapMeasure::default() {
            query.push(format!("map-measure={}", self.measure.id()));
        }
        if self.nesting != MapNesting::default() {
            query.push(format!("map-by={}", self.nesting.words()));
        }
        if !self.zoom.is_empty() {
            let names: Vec<String> = self.zoom.iter().map(|name| encode(name)).collect();
            query.push(format!("map-zoom={}", names.join("/")));
        }
        if !self.find.is_empty() {
            query.push(format!("map-find={}", encode(&self.find)));
        }
    }

    /// The same with what is around the part that is shown.
    #[must_use]
    pub fn up(&self) -> Self {
        let mut up = self.clone();
        up.zoom.pop();
        up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_back() {
        let place = MapPlace {
            style: MapStyle::Icicle,
            measure: MapMeasure::WithoutTtl,
            nesting: MapNesting::parse("type,pattern").expect("good"),
            zoom: vec!["hash".into(), "a/b&c".into(), String::new(), "é %=".into()],
            find: "user:{int}".into(),
        };
        let mut query = Vec::new();
        place.write(&mut query);
        let mut read = MapPlace::default();
        for pair in &query {
            assert!(!pair.contains(['&', ' ', '#']), "{pair}");
            let (name, word) = pair.split_once('=').expect("a pair");
            read.take(name, word);
        }
        assert_eq!(read, place);
        let mut none = Vec::new();
        MapPlace::default().write(&mut none);
        assert_eq!(none, Vec::<String>::new());
        assert_eq!(place.up().zoom, ["hash", "a/b&c", ""]);
    }
}
