//! Will it load?

use snaptape_report::ReleaseGroup;
use yew::prelude::*;

use super::ToneMark;
use crate::state::Opened;
use crate::words::Tone;

/// Properties of [`ReleaseTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ReleaseTableProps {
    /// The report.
    pub opened: Opened,
}

/// Releases that answer alike, and the keys that keep some of them from loading.
#[component]
pub fn ReleaseTable(props: &ReleaseTableProps) -> Html {
    let groups = ReleaseGroup::of(&props.opened.answers.check.releases);
    let telling = ReleaseGroup::telling(&groups);
    html! {
        <>
            <table class="table" aria-label="Releases, and whether they load it">
                <thead>
                    <tr>
                        <th scope="col">{ "Release" }</th>
                        <th scope="col">{ "Loads it" }</th>
                        <th scope="col">{ "Because" }</th>
                    </tr>
                </thead>
                <tbody>
                    { for groups.iter().map(|group| html! {
                        <tr key={group.name.clone()}>
                            <th scope="row">{ &group.name }</th>
                            <td><ToneMark tone={tone(group)} />{ format!(" {}", group.answer()) }</td>
                            <td class="releaseTableWhy">
                                { &group.why }
                                if let Some(way) = &group.way_out {
                                    <p class="releaseTableWay">{ format!("Only with {way}.") }</p>
                                }
                            </td>
                        </tr>
                    }) }
                </tbody>
            </table>
            if !telling.is_empty() {
                <dl class="releaseKeys">
                    { for telling.iter().map(|cause| html! {
                        <div class="releaseKeysRow" key={cause.what.clone()}>
                            <dt>{ &cause.what }</dt>
                            <dd class="code">{ cause.examples() }</dd>
                        </div>
                    }) }
                </dl>
            }
        </>
    }
}

fn tone(group: &ReleaseGroup) -> Tone {
    match (group.loads, &group.way_out) {
        (true, _) => Tone::Ok,
        (false, Some(_)) => Tone::Warn,
        (false, None) => Tone::Bad,
    }
}
