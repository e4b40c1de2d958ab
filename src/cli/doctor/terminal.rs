//! What the terminal can do, by its own word and the environment's.

use super::{Finding, Patient};
use crate::graphics::Protocol;
use crate::tty::probe::{self, Facts};

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
    match probe::ask(hints.tmux) {
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

fn of_facts(patient: &Patient<'_>, facts: &Facts) -> Vec<Finding> {
    let say = |name: &str, says: String| Finding::new(SECTION, name, says);
    let yes = |yes: bool| if yes { "yes" } else { "no, or it does not say" }.to_owned();
    let name = match facts.name() {
        Some(name) => say("name", name.to_owned()),
        None if facts.complete() => say("name", "it does not say".to_owned()),
        None => say("name", "it did not answer".to_owned())
            .notice("Over a slow link, try again; pictures are drawn with half blocks until it answers"),
    };
    let mut findings = vec![name];
    if patient.hints.tmux {
        findings.push(say("tmux", facts.multiplexer().unwrap_or("yes").to_owned()));
    }
    let (cell, assumed) = facts.cell();
    let source = if assumed { ", assumed" } else { "" };
    findings.push(say(
        "cell",
        format!("{} × {} pixels{source}", cell.width, cell.height),
    ));
    let protocol = facts.protocol(&patient.hints);
    let word = match protocol {
        Protocol::KittyPlaceholders => "kitty, with placeholders",
        Protocol::KittyClassic => "kitty, without placeholders",
        Protocol::Iterm2 => "iTerm2",
        Protocol::Sixel => "sixel",
        Protocol::HalfBlocks => "half blocks",
        Protocol::Off => "off",
    };
    let pictures = say("pictures", format!("{word}: {}", facts.explain(&patient.hints)));
    findings.push(
        if protocol == Protocol::HalfBlocks && patient.hints.chosen.is_none() {
            pictures.notice("For sharp pictures use kitty 0.28 or later, or Ghostty")
        } else {
            pictures
        },
    );
    let colours = match facts.truecolour() {
        Some(true) if patient.colours != "none" => "16 million",
        _ => patient.colours,
    };
    findings.push(say("colours", colours.to_owned()));
    findings.push(say(
        "keys",
        if facts.tells_keys_apart() {
            "Shift+Enter and Ctrl+I are told apart".to_owned()
        } else {
            "Shift+Enter looks like Enter here; Alt+Enter and Ctrl+J start a new line".to_owned()
        },
    ));
    findings.push(say("clipboard", yes(facts.takes_clipboard())));
    findings.push(say("whole frames", yes(facts.synchronizes() == Some(true))));
    findings
}
