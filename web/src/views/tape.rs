//! The commands of a tape.

use snaptape_report::{Choice, CommandRow, DestructiveEvent, ListFrom, Tape as TapeReport, units};
use yew::prelude::*;

use crate::components::{
    AxisSwitch, BusyKeyTable, Card, CommandList, CommandPatternTable, CommandTable, DatabaseCommandTable,
    FileTable, PartialNotice, TapeEvents, TapeFigures, TapeSizes, UndoCard, WritesChart,
};
use crate::hooks::{Engine, Go};
use crate::protocol::Asked;
use crate::route::Route;
use crate::state::{Opened, Regroup, Shared};
use crate::timeline::event_word;

/// Properties of [`Tape`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct TapeProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Reads the tape again, and has its files.
    pub engine: Engine,
    /// How far reading again is.
    pub regroup: Regroup,
    /// Is the worker at something?
    pub busy: bool,
}

/// What destroyed something, when what was written, every command, and the ways to take one back.
#[component]
pub(super) fn Tape(props: &TapeProps) -> Html {
    let opened = &props.opened;
    let first_event = opened.answers.report.tape.as_ref().and_then(first);
    // The list begins where the eye goes first.
    let jump = use_state(|| (0, first_event.map_or(ListFrom::Start, place_of)));
    let row = use_state(|| None::<Shared<CommandRow>>);
    let chosen = use_mut_ref(|| None::<&'static str>);
    {
        // The answer to what was chosen is a plan: there it goes.
        let (go, chosen) = (props.go.clone(), chosen.clone());
        use_effect_with(opened.answers.clone(), move |answers| {
            if let Some(name) = chosen.take()
                && !answers.plans.is_empty()
            {
                go.to(go.now().with_plan(name));
            }
        });
    }
    let on_jump = {
        let jump = jump.clone();
        Callback::from(move |from| {
            crate::hooks::show_element("commands");
            jump.set((jump.0 + 1, from));
        })
    };
    let on_choice = {
        let engine = props.engine.clone();
        Callback::from(move |choice: Choice| {
            let name = match choice {
                Choice::Without { .. } => "without",
                Choice::Before(_) | Choice::BeforeTime { .. } => "before",
            };
            chosen.replace(Some(name));
            engine.ask(Asked { choice: Some(choice), ..engine.asked() });
        })
    };
    let on_command = {
        let row = row.setter();
        Callback::from(move |command| row.set(Some(command)))
    };
    let Some(tape) = &opened.answers.report.tape else { return Html::default() };
    let is_event = row.as_ref().is_some_and(|row| row.destructive.is_some());
    html! {
        <div class="view">
            <div class="viewHead">
                { head(tape) }
            </div>
            <PartialNotice opened={opened.clone()} />
            if !tape.destructive.is_empty() {
                <Card title="What removed or replaced many keys" note="in the order of the tape" class="cardFlush">
                    <TapeEvents opened={opened.clone()} busy={props.busy} on_choice={on_choice.clone()} on_jump={on_jump.clone()} />
                </Card>
            }
            <Card title={props.route.tape_axis.shown(tape).title()} class="tapeWrites">
                if tape.times.is_some() {
                    <AxisSwitch route={props.route.clone()} go={props.go.clone()} />
                }
                <WritesChart opened={opened.clone()} axis={props.route.tape_axis} on_jump={on_jump.clone()} />
            </Card>
            <div class="columns columnsTop tapeColumns" id="commands">
                <Card title="Commands" note={units::count(tape.commands)}>
                    <CommandList opened={opened.clone()} engine={props.engine.clone()} jump={(*jump).clone()} {on_command} />
                </Card>
                <Card title={if is_event { "Undo it" } else { "The command" }}>
                    <UndoCard opened={opened.clone()} row={(*row).clone()} engine={props.engine.clone()} regroup={props.regroup.clone()} busy={props.busy} {on_choice} />
                </Card>
            </div>
            <TapeSizes opened={opened.clone()} />
            <div class="columns columnsTop">
                <Card title="By command" note="bars: how often"><CommandTable opened={opened.clone()} /></Card>
                <div class="stack">
                    <Card title="By database" note="bars: commands"><DatabaseCommandTable opened={opened.clone()} /></Card>
                    <Card title="Rate, transactions, rewrite"><TapeFigures opened={opened.clone()} {on_jump} /></Card>
                </div>
            </div>
            <div class="columns columnsTop">
                <Card title="By key pattern" note="bars: bytes on the tape"><CommandPatternTable opened={opened.clone()} /></Card>
                <Card title="Busiest keys" note="bars: commands"><BusyKeyTable opened={opened.clone()} /></Card>
            </div>
            <Card title="Files" note="in the order a server loads them" class="cardFlush"><FileTable opened={opened.clone()} /></Card>
        </div>
    }
}

fn place_of(event: &DestructiveEvent) -> ListFrom {
    ListFrom::Offset { file: event.file.clone(), offset: event.offset }
}

/// The event that comes first: the worst, else what is there.
fn first(tape: &TapeReport) -> Option<&DestructiveEvent> {
    tape.worst().or(tape.destructive.first())
}

/// What destroyed something and when, else that nothing did; below it how much there is.
fn head(tape: &TapeReport) -> Html {
    let commands = units::plural(tape.commands, "command", "commands");
    let span = match (tape.first_time_s, tape.last_time_s) {
        (Some(first), Some(last)) => {
            format!("{commands} from {}.", units::time_span_s(first, last))
        }
        _ => format!("{commands} without times."),
    };
    match first(tape) {
        Some(event) => {
            let time = event.time_s.map_or_else(String::new, |time| format!(" at {}", units::time_s(time)));
            html! {
                <>
                    <h1 class="verdict"><span class="tapeWorst">{ event_word(event) }</span>{ format!("{time} {}.", event.what()) }</h1>
                    <p class="lead">
                        { format!("{span} {} before it are still on the tape, {} after it.",
                            units::count(event.commands_before), units::plural(event.commands_after, "command follows", "commands follow")) }
                    </p>
                </>
            }
        }
        None => html! {
            <>
                <h1 class="verdict">{ format!("{commands}, none of which removes many keys at once.") }</h1>
                <p class="lead">{ span }</p>
            </>
        },
    }
}
