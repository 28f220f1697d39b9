//! Light, dark, or as the system says.

use yew::prelude::*;

use crate::hooks::Go;
use crate::route::{Route, Theme};

/// Properties of [`ThemeSwitch`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ThemeSwitchProps {
    /// Where we are: holds the theme.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
}

/// Three buttons, one of them pressed.
#[component]
pub fn ThemeSwitch(props: &ThemeSwitchProps) -> Html {
    let button = |theme: Option<Theme>, label: &'static str, icon: Html| {
        let go = props.go.clone();
        let onclick = Callback::from(move |_: MouseEvent| go.theme(theme));
        let pressed = props.route.theme == theme;
        html! {
            <button type="button" class="themeSwitchButton" aria-pressed={pressed.to_string()} aria-label={label} title={label} {onclick}>
                <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">{ icon }</svg>
            </button>
        }
    };
    html! {
        <div class="themeSwitch" role="group" aria-label="Theme">
            { button(None, "Theme of the system", html! { <><circle cx="7" cy="7" r="5.2" class="iconLine" /><path d="M7 1.8a5.2 5.2 0 0 1 0 10.4z" class="iconFill" /></> }) }
            { button(Some(Theme::Light), "Light theme", html! { <><circle cx="7" cy="7" r="2.6" class="iconFill" /><path d="M7 .8v1.8M7 11.4v1.8M.8 7h1.8M11.4 7h1.8M2.6 2.6l1.3 1.3M10.1 10.1l1.3 1.3M2.6 11.4l1.3-1.3M10.1 3.9l1.3-1.3" class="iconLine" /></> }) }
            { button(Some(Theme::Dark), "Dark theme", html! { <path d="M11.8 8.9A5.3 5.3 0 0 1 5.1 2.2a5.3 5.3 0 1 0 6.7 6.7z" class="iconFill" /> }) }
        </div>
    }
}
