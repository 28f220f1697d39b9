//! One key, read from its file when somebody looks at it.

use snaptape_engine::KeyQuestion;
use snaptape_report::{KeyAnswer, KeyHead, KeySurvey, units};
use yew::prelude::*;

use crate::components::{
    Card, KeyElements, KeyString, Recreate, TypeMark, key_memory, key_steps, key_stream, key_waiting,
};
use crate::hooks::{Asking, Engine, Go, Places, now_ms, use_beside, use_key};
use crate::key_route::KeyRoute;
use crate::one_key::{self, RowKind};
use crate::route::{Route, View};
use crate::state::{Opened, Shared};
use crate::words;

/// Properties of [`Key`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct KeyProps {
    /// The report.
    pub opened: Opened,
    /// Where we are: which key.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Has the files.
    pub engine: Engine,
}

/// What it is, when it expires, its sizes; its elements or its text; what its memory is for; what makes it again.
#[component]
pub(super) fn Key(props: &KeyProps) -> Html {
    let key = props.route.key.clone().unwrap_or_else(|| KeyRoute::new(0, 0, 0));
    let source = one_key::source(&props.opened.answers, key.file);
    let place = (key.file, key.offset, key.db);
    let places: Places = (*use_memo(place, |_| Places::default())).clone();
    let target = props.opened.answers.report.target.clone();
    // As the table and all sums have it.
    let as_of_ms = props.opened.answers.report.dataset.as_ref().map_or(0, |dataset| dataset.as_of_ms);
    let allocator = props.engine.asked().allocator;
    let question = KeyQuestion::Survey { target: Some(target), allocator, digest: false, now_ms: as_of_ms };
    let (asking, control) = use_key(&props.engine, source.clone(), &key, &places, Some(question));
    let survey = survey(&asking);
    {
        let places = places.clone();
        use_effect_with(survey.clone(), move |survey| {
            if let Some(Found(_, survey)) = survey {
                one_key::join_places(&mut places.borrow_mut(), &survey.places);
            }
        });
    }
    let steps = use_beside(&props.engine, &props.opened, &props.route, &props.go);
    let keys = props.route.with_view(View::Keys).to_hash();
    let Some(source) = source.filter(|_| props.route.key.is_some()) else {
        let way = html! { <nav class="keySteps"><a href={keys}>{ "All keys" }</a></nav> };
        return nothing(way, "The address names no key of these files. Look for it among all keys.");
    };
    let steps = key_steps(&steps, &keys);
    if let Some(why) = &asking.failed {
        return nothing(steps, why);
    }
    let Some(Found(head, survey)) = survey else {
        let is_short = asking.waits && asking.progress.1 == 0;
        return html! {
            <div class="view">
                { steps }
                if is_short {
                    <p class="lead" role="status">{ "Reading the key." }</p>
                }
                { key_waiting(&asking, &source, &control) }
            </div>
        };
    };
    let type_name = survey.type_name.0.clone();
    let is_string = type_name == "string";
    let (route, go, engine) = (props.route.clone(), props.go.clone(), props.engine.clone());
    html! {
        <div class="view" data-testid="key" data-type={type_name.clone()}>
            <div class="viewHead">
                { steps }
                <h1 class="verdict code keyName" data-testid="key-name">{ words::named(&head.name.display()) }</h1>
                <p class="lead keyLead">
                    <TypeMark type_name={type_name.clone()} />
                    if let Some(module) = &survey.module {
                        if let Some(product) = &module.product {
                            <span>{ product }</span>
                        }
                        <span>{ format!("version {} of its encoding", module.encoding_version) }</span>
                    } else if survey.encoding != type_name {
                        <span>{ &survey.encoding }</span>
                    }
                    { elements(&survey) }
                    <span>{ format!("database {}", head.db) }</span>
                    <span data-testid="key-slot">{ format!("slot {}", units::count(head.slot.into())) }</span>
                    <span data-testid="key-expiry">{ one_key::expiry(&head, now_ms()) }</span>
                    { used(&head) }
                </p>
                if let Some(why) = &survey.stopped {
                    <p class="toneBad keyStopped" role="alert">{ words::full_stop(why) }</p>
                }
                <p class="muted">{ "Read from the file just now; nothing is kept." }</p>
            </div>
            if survey.module.as_ref().is_some_and(|module| module.is_document) {
                <Card title="Document">
                    { in_words(&survey) }
                    <KeyString engine={engine.clone()} source={source.clone()} route={route.clone()} {go} {places} element=0 text=0 bits=false />
                </Card>
            } else if is_string {
                <Card title="Value" note={units::plural(survey.elements.unwrap_or(0), "byte", "bytes")}>
                    <KeyString engine={engine.clone()} source={source.clone()} route={route.clone()} go={go.clone()} places={places.clone()} element=0 text=0 bits=true />
                </Card>
            } else {
                <Card title={elements_title(&type_name, &survey)} note={survey.elements.filter(|_| survey.module.is_none()).map(units::count).unwrap_or_default()}>
                    { in_words(&survey) }
                    <KeyElements engine={engine.clone()} source={source.clone()} route={route.clone()} {go} {places} type_name={type_name} rows={RowKind::of(&survey)} total={survey.rows()} />
                </Card>
            }
            if let Some(stream) = &survey.stream {
                { key_stream(stream) }
            }
            <div class="columns columnsTop">
                <Card title="Where its memory goes" note={format!("estimate for {}", words::target(&survey.target))}>
                    { key_memory(&survey) }
                </Card>
                <Card title="In the file">{ in_file(&head, &survey, &source.path, &route) }</Card>
            </div>
            <Card title="Make it again" note="on another server">
                <Recreate {engine} {source} {route} name={head.name.display()} />
            </Card>
        </div>
    }
}

/// Head and figures of the last answer.
#[derive(Debug, Clone, PartialEq)]
struct Found(Shared<KeyHead>, Shared<KeySurvey>);

fn survey(asking: &Asking) -> Option<Found> {
    match asking.answer.as_deref()? {
        KeyAnswer::Survey(survey) => {
            Some(Found(Shared::new(survey.head.clone()), Shared::new((**survey).clone())))
        }
        _ => None,
    }
}

fn nothing(steps: Html, why: &str) -> Html {
    html! {
        <div class="view">
            { steps }
            <h1 class="verdict">{ "This key cannot be shown." }</h1>
            <p class="lead" role="alert" data-testid="key-failed">{ words::full_stop(why) }</p>
        </div>
    }
}

fn elements(survey: &KeySurvey) -> Html {
    let words = match (survey.elements, survey.type_name.0.as_str()) {
        // The value in words says more.
        (None, _) if survey.module.as_ref().is_some_and(|module| module.sentence.is_some()) => {
            return Html::default();
        }
        (None, _) => "elements not known".into(),
        (Some(n), "string") => units::plural(n, "byte", "bytes"),
        (Some(n), type_name) => {
            let (one, many) = one_key::element_words(type_name);
            units::plural(n, one, many)
        }
    };
    html! { <span>{ words }</span> }
}

/// A module's value in a sentence, and why something of it is missing.
fn in_words(survey: &KeySurvey) -> Html {
    let Some(module) = &survey.module else { return Html::default() };
    html! {
        <>
            if let Some(sentence) = &module.sentence {
                <p class="keySentence" data-testid="key-module">{ sentence }</p>
            }
            if let Some(note) = &module.note {
                <p class="muted keySentence" data-testid="key-module-note">{ note }</p>
            }
        </>
    }
}

fn elements_title(type_name: &str, survey: &KeySurvey) -> &'static str {
    if survey.module.is_some() {
        return "Value";
    }
    match type_name {
        "hash" => "Fields",
        "set" | "zset" => "Members",
        "list" => "Items",
        "stream" => "Entries",
        _ => "Elements",
    }
}

fn used(head: &KeyHead) -> Html {
    match (head.idle_s, head.freq) {
        (Some(secs), _) => {
            let ago = units::duration_ms(secs.saturating_mul(1_000));
            html! { <span>{ format!("used {ago} before the file was written") }</span> }
        }
        (None, Some(counter)) => html! { <span>{ format!("LFU counter {counter}") }</span> },
        (None, None) => Html::default(),
    }
}

fn in_file(head: &KeyHead, survey: &KeySurvey, path: &str, route: &Route) -> Html {
    let file_bytes = survey.end.saturating_sub(head.start);
    let bytes = route.key.as_ref().map(|key| route.with_bytes(key.file, head.start, survey.end).to_hash());
    html! {
        <dl class="facts">
            <dt>{ "File" }</dt><dd class="code">{ words::file_name(path) }</dd>
            <dt>{ "Entry" }</dt>
            <dd>
                { format!("{} to {} ", words::offset(head.start), words::offset(survey.end)) }
                <a href={bytes} data-testid="key-show-bytes">{ "Show its bytes" }</a>
            </dd>
            <dt>{ "Value" }</dt><dd>{ format!("from {}, type byte {}", words::offset(head.value_start), head.type_byte) }</dd>
            <dt>{ "In the file" }</dt><dd data-testid="key-file-bytes" data-value={file_bytes.to_string()}>{ units::bytes(file_bytes) }</dd>
            <dt>{ "Payload" }</dt><dd data-testid="key-payload-bytes" data-value={survey.payload_bytes.to_string()}>{ units::bytes(survey.payload_bytes) }</dd>
            <dt>{ "Longest element" }</dt><dd>{ units::bytes(survey.largest_element_bytes) }</dd>
            <dt>{ "Written by" }</dt><dd>{ format!("{}, RDB version {}", words::target(&head.release), head.rdb_version) }</dd>
        </dl>
    }
}
