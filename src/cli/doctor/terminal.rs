//! What the terminal can do, by its own word, by tmux's, and by the environment's.

use super::{Finding, Patient};
use crate::cli::output;
use crate::graphics::Protocol;
use crate::tty::probe::{self, Facts, Notifier};

const SECTION: &str = "terminal";

pub(super) fn look(patient: &Patient<'_>) -> Vec<Finding> {
    let hints = patient.environment.terminal();
    let mut findings = vec![Finding::new(
        SECTION,
        "TERM",
        hints.term.clone().unwrap_or_else(|| "not set".to_owned()),
    )];
    if hints.ssh {
        findings.push(Finding::new(
            SECTION,
            "SSH",
            "yes: pictures are sent a little coarser",
        ));
    }
    let asked = probe::ask(&patient.hints);
    // What it answered counts, and no longer what the environment says.
    let wanted = patient
        .settings
        .as_ref()
        .is_ok_and(|wanted| wanted.wishes.links.value);
    output::link_paths(wanted && asked.as_ref().is_ok_and(Facts::has_links));
    match asked {
        Ok(facts) => findings.extend(of_facts(patient, &facts)),
        Err(error) => findings.push(
            Finding::new(
                SECTION,
                "device",
                format!("there is no terminal here: {}", crate::error::reason(&error)),
            )
            .notice("Run it in the terminal that it is about"),
        ),
    }
    findings
}

fn say(name: &str, says: impl Into<String>) -> Finding {
    Finding::new(SECTION, name, says)
}

fn of_facts(patient: &Patient<'_>, facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![name(facts)];
    if facts.is_tmux() {
        findings.extend(tmux(facts));
    }
    findings.push(pictures(patient, facts));
    let (cell, assumed) = facts.cell();
    let source = if assumed { ", assumed" } else { "" };
    findings.push(say(
        "cell",
        format!("{} × {} pixels{source}", cell.width, cell.height),
    ));
    findings.push(say("colours", colours(patient, facts)));
    findings.push(say(
        "keys",
        if facts.tells_keys_apart() {
            "Shift+Enter and Ctrl+I are told apart"
        } else {
            "Shift+Enter looks like Enter here; Alt+Enter and Ctrl+J start a new line"
        },
    ));
    findings.extend(help(patient, facts));
    findings.push(say("whole frames", yes(facts.synchronizes() == Some(true))));
    findings
}

fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no, or it does not say" }
}

fn name(facts: &Facts) -> Finding {
    match facts.outside_name() {
        Some(name) => say("name", name),
        None if facts.complete() => say("name", "it does not say"),
        None => say("name", "it did not answer")
            .notice("Over a slow link, try again; pictures are drawn with half blocks until it answers"),
    }
}

/// The tmux in between, what it makes of the terminal outside, and whether that can be reached through it.
fn tmux(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![say("tmux", facts.multiplexer().unwrap_or("yes"))];
    if let Some(client) = facts.client() {
        let kind = if client.kind.is_empty() {
            "a terminal without a name"
        } else {
            &client.kind
        };
        let features = if client.features.is_empty() {
            "nothing".to_owned()
        } else {
            client.features.join(", ")
        };
        findings.push(say(
            "tmux client",
            format!("{kind}, TERM {}; tmux makes use of {features}", client.term),
        ));
    }
    findings.push(match facts.passthrough() {
        Some(true) => say("passthrough", "on: the terminal outside is reached through tmux"),
        Some(false) => say(
            "passthrough",
            "off: tmux hands nothing on to the terminal outside",
        )
        .notice("Put `set -g allow-passthrough on` into tmux.conf"),
        None => say(
            "passthrough",
            "unknown: the terminal outside has not answered through tmux",
        )
        .notice("Put `set -g allow-passthrough on` into tmux.conf"),
    });
    findings
}

fn pictures(patient: &Patient<'_>, facts: &Facts) -> Finding {
    let way = facts.way(&patient.hints);
    let word = match way.protocol {
        Protocol::KittyPlaceholders => "kitty, with placeholders",
        Protocol::KittyClassic => "kitty, without placeholders",
        Protocol::Iterm2 => "iTerm2",
        Protocol::Sixel => "sixel",
        Protocol::HalfBlocks => "half blocks",
        Protocol::Off => "off",
    };
    let pictures = say("pictures", format!("{word}: {}", way.why));
    let poor = way.protocol == Protocol::HalfBlocks && patient.hints.chosen.is_none();
    if !poor {
        pictures
    } else if facts.is_tmux() && facts.passthrough() != Some(true) {
        pictures.notice("For sharp pictures let tmux pass them on, in kitty 0.28 or later, or Ghostty")
    } else {
        pictures.notice(
            "For sharp pictures use kitty 0.28 or later, Ghostty, or a terminal with iTerm2's pictures or sixel",
        )
    }
}

fn colours(patient: &Patient<'_>, facts: &Facts) -> String {
    match facts.truecolour() {
        Some(true) if patient.colours != "none" => "16 million".to_owned(),
        Some(false) if patient.colours == "16 million" => {
            "16 million, which tmux rounds to 256; `set -as terminal-features ',*:RGB'` in its settings ends that"
                .to_owned()
        }
        _ => patient.colours.to_owned(),
    }
}

/// What the terminal does for its user beside showing.
fn help(patient: &Patient<'_>, facts: &Facts) -> [Finding; 6] {
    let clipboard = if facts.has_tmux_command(&patient.hints) {
        "by tmux"
    } else if facts.takes_clipboard() {
        "yes"
    } else {
        "it does not say; text is sent to it all the same"
    };
    let notifier = match facts.notifier().filter(|_| facts.way_out().is_some()) {
        Some(Notifier::Osc9) => "yes, by OSC 9",
        Some(Notifier::Osc99) => "yes, by OSC 99",
        Some(Notifier::Osc777) => "yes, by OSC 777",
        None => "none that is known; the bell rings",
    };
    [
        say("clipboard", clipboard),
        say(
            "picture clipboard",
            if facts.copies_pictures() {
                "yes, by OSC 5522"
            } else {
                "no"
            },
        ),
        say("notifications", notifier),
        say(
            "progress",
            yes(facts.shows_progress() && facts.way_out().is_some()),
        ),
        say(
            "download",
            if facts.downloads(&patient.hints) {
                "yes, to the machine of the terminal"
            } else {
                "no; the way there is scp"
            },
        ),
        say("links", yes(facts.has_links())),
    ]
}
