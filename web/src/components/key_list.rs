//! A short list of keys that lead in something.

use snaptape_report::{Access, Dataset, KeyRow, units};
use yew::prelude::*;

use super::TypeMark;
use crate::one_key;
use crate::route::Route;
use crate::state::Opened;
use crate::words;

/// What they lead in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ranking {
    /// Not used for longest, or least.
    Coldest,
    /// Used last, or most.
    Hottest,
    /// The longest single element.
    LargestElement,
    /// The longest name.
    LongestName,
    /// Most elements.
    MostElements,
}

impl Ranking {
    fn name(self) -> &'static str {
        match self {
            Self::Coldest => "Coldest keys",
            Self::Hottest => "Hottest keys",
            Self::LargestElement => "Longest element",
            Self::LongestName => "Longest names",
            Self::MostElements => "Most elements",
        }
    }

    fn rows(self, dataset: &Dataset) -> Vec<(&KeyRow, String)> {
        let size = |bytes: Option<u64>| bytes.map_or_else(String::new, units::bytes_aligned);
        let access = |list: fn(&Access) -> &Vec<KeyRow>| {
            dataset.access.iter().flat_map(list).map(|key| (key, used(key))).collect()
        };
        match self {
            Self::Coldest => access(|access| &access.coldest),
            Self::Hottest => access(|access| &access.hottest),
            Self::LargestElement => {
                dataset.largest_elements.iter().map(|key| (key, size(key.largest_element_bytes))).collect()
            }
            Self::LongestName => dataset
                .names
                .longest
                .iter()
                .map(|name| (&name.key, units::bytes_aligned(name.name_bytes)))
                .collect(),
            Self::MostElements => {
                let rows = dataset.most_elements.iter();
                rows.map(|key| (key, key.elements.map_or_else(String::new, units::count))).collect()
            }
        }
    }

    fn title(self, dataset: &Dataset) -> &'static str {
        match self {
            Self::Coldest | Self::Hottest => {
                let has_idle = dataset.access.as_ref().is_some_and(|access| !access.idle.is_empty());
                if has_idle { "Idle when saved" } else { "LFU counter" }
            }
            Self::LargestElement => "Longest element",
            Self::LongestName => "Name",
            Self::MostElements => "Elements",
        }
    }
}

fn used(key: &KeyRow) -> String {
    match (key.idle_s, key.freq) {
        (Some(0), _) => "under 1 s".to_owned(),
        (Some(seconds), _) => units::duration_ms(seconds.saturating_mul(1_000)),
        (None, Some(counter)) => counter.to_string(),
        (None, None) => String::new(),
    }
}

/// Properties of [`KeyList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct KeyListProps {
    /// The report.
    pub opened: Opened,
    /// What its keys lead in.
    pub ranking: Ranking,
}

/// Their names, the figure they lead in, and their memory.
#[component]
pub fn KeyList(props: &KeyListProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let rows = props.ranking.rows(dataset);
    if rows.is_empty() {
        let why = match props.ranking {
            Ranking::MostElements => "All keys are strings.",
            Ranking::Coldest | Ranking::Hottest => "The file does not say when its keys were used.",
            Ranking::LargestElement | Ranking::LongestName => "There is none.",
        };
        return html! { <p class="muted">{ why }</p> };
    }
    html! {
        <table class="table" aria-label={props.ranking.name()}>
            <thead>
                <tr>
                    <th scope="col">{ "Key" }</th>
                    <th scope="col">{ "Type" }</th>
                    <th scope="col" class="tableFigure">{ props.ranking.title(dataset) }</th>
                    <th scope="col" class="tableFigure">{ "Memory" }</th>
                </tr>
            </thead>
            <tbody>
                { for rows.into_iter().map(|(key, figure)| html! {
                    <tr key={format!("{} {}", key.file.as_deref().unwrap_or_default(), key.offset)}>
                        <th scope="row" class="code tableWrap"><a class="keyText" href={one_key::href(&props.opened.answers, &Route::default(), key)}>{ words::named(&key.name.display()) }</a></th>
                        <td><TypeMark type_name={key.type_name.0.clone()} /></td>
                        <td class="tableFigure">{ figure }</td>
                        <td class="tableFigure">{ units::bytes_aligned(key.memory_bytes) }</td>
                    </tr>
                }) }
            </tbody>
        </table>
    }
}
