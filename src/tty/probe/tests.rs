use super::*;
use crate::tty::Lexer;
use crate::tty::lexer::Input;

const WINDOW: Window = Window {
    columns: 80,
    rows: 40,
    width: 723,
    height: 720,
};

fn learnt(tmux: bool, replies: &str) -> Facts {
    let mut facts = Facts::new(tmux);
    facts.set_window(WINDOW);
    Lexer::new().push(replies.as_bytes(), &mut |input| match input {
        Input::Fact(fact) => {
            facts.learn(&fact);
        }
        other => panic!("{other:?} is no fact"),
    });
    facts
}

fn hints(tmux: bool) -> Hints {
    Hints {
        tmux,
        ..Hints::default()
    }
}

const OK: &str = "\x1b_Gi=31;OK\x1b\\";

fn named(name: &str, more: &str) -> String {
    format!("\x1bP>|{name}\x1b\\{more}\x1b[0n")
}

#[test]
fn the_protocol_follows_the_name_before_the_answer() {
    use Protocol::{HalfBlocks, KittyClassic, KittyPlaceholders};
    for (replies, protocol) in [
        (named("kitty(0.48.2)", OK), KittyPlaceholders),
        (named("kitty(0.28.0)", OK), KittyPlaceholders),
        (named("kitty(1.0)", OK), KittyPlaceholders),
        (named("kitty(0.26.5)", OK), KittyClassic),
        (named("ghostty 1.3.1", OK), KittyPlaceholders),
        (named("Konsole 22.12.3", OK), KittyClassic),
        (named("WezTerm 20240203-110809-5046fc22", OK), HalfBlocks),
        (named("iTerm2 3.5.14", OK), HalfBlocks),
        (named("foot(1.28.0)", ""), HalfBlocks),
        (named("XTerm(412)", ""), HalfBlocks),
        (named("Someone 1", "\x1b_Gi=31;EINVAL:no\x1b\\"), HalfBlocks),
        (format!("{OK}\x1b[0n"), KittyClassic),
        ("\x1b[?6c\x1b[0n".to_owned(), HalfBlocks),
        (String::new(), HalfBlocks),
    ] {
        let facts = learnt(false, &replies);
        assert_eq!(facts.protocol(&hints(false)), protocol, "{replies:?}");
        let why = facts.explain(&hints(false));
        assert!(why.ends_with('.') && why.len() > 20, "{why}");
    }
}

#[test]
fn inside_tmux_only_placeholders_that_get_through_count() {
    let tmux = "\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c\x1b[0n";
    let outer = |name: &str, more: &str| format!("{tmux}\x1bP>|{name}\x1b\\{more}\x1b[0n");
    let kitty = learnt(true, &outer("kitty(0.48.2)", OK));
    assert_eq!(kitty.protocol(&hints(true)), Protocol::KittyPlaceholders);
    assert_eq!(
        (kitty.name(), kitty.multiplexer()),
        (Some("kitty(0.48.2)"), Some("tmux 3.3a"))
    );
    assert!(kitty.complete());
    let closed = learnt(true, tmux);
    assert_eq!(closed.protocol(&hints(true)), Protocol::HalfBlocks);
    assert!(closed.explain(&hints(true)).contains("allow-passthrough"));
    assert!(!closed.complete());
    for other in [
        outer("Konsole 26.08.2", OK),
        outer("kitty(0.26.5)", OK),
        outer("foot(1.28.0)", ""),
    ] {
        assert_eq!(
            learnt(true, &other).protocol(&hints(true)),
            Protocol::HalfBlocks,
            "{other:?}"
        );
    }
}

#[test]
fn another_terminal_outside_is_noticed() {
    let mut facts = learnt(true, &named("kitty(0.48.2)", OK));
    facts.learn(&Fact::Ready);
    facts.asked_again();
    assert_eq!(
        facts.protocol(&hints(true)),
        Protocol::KittyPlaceholders,
        "nothing flickers meanwhile"
    );
    facts.learn(&Fact::Ready);
    assert_eq!(
        facts.name(),
        Some("kitty(0.48.2)"),
        "tmux' own answer says nothing of it"
    );
    assert!(facts.learn(&Fact::Ready));
    assert_eq!(
        (facts.name(), facts.protocol(&hints(true))),
        (None, Protocol::HalfBlocks)
    );
}

#[test]
fn the_user_and_a_screen_in_between_outrank_the_terminal() {
    let facts = learnt(false, &named("kitty(0.48.2)", OK));
    let chosen = Hints {
        chosen: Some(Protocol::Off),
        ..Hints::default()
    };
    assert_eq!(facts.protocol(&chosen), Protocol::Off);
    let screen = Hints {
        term: "screen.xterm-256color".to_owned(),
        ..Hints::default()
    };
    assert_eq!(facts.protocol(&screen), Protocol::HalfBlocks);
    assert!(facts.explain(&screen).contains("screen.xterm-256color"));
}

#[test]
fn the_cell_comes_from_whoever_knows_it_best() {
    let cell = |width, height| CellSize { width, height };
    assert_eq!(learnt(false, "\x1b[6;18;9t").cell(), (cell(9, 18), false));
    // Konsole's window has a border of three pixels.
    assert_eq!(learnt(false, "").cell(), (cell(9, 18), false));
    let mut facts = learnt(false, "\x1b[4;800;640t");
    facts.set_window(Window {
        width: 0,
        height: 0,
        ..WINDOW
    });
    assert_eq!(facts.cell(), (cell(8, 20), false));
    assert_eq!(Facts::new(false).cell(), (cell(10, 20), true));
    assert_eq!(learnt(false, "\x1b[6;0;0t").cell(), (cell(9, 18), false));
}

#[test]
fn other_answers_are_kept() {
    let facts = learnt(
        false,
        "\x1b]11;rgb:ffff/ffff/eeee\x1b\\\x1b[?2026;2$y\x1b[?0u\x1b[?62;52;c\x1b[0n",
    );
    assert_eq!(facts.background(), Some([0xff, 0xff, 0xee]));
    assert_eq!(facts.is_dark(), Some(false));
    assert!(facts.tells_keys_apart() && facts.takes_clipboard() && facts.complete());
    assert_eq!(facts.synchronizes(), Some(true));
    assert_eq!(
        learnt(false, &named("Konsole 22.12.3", "")).truecolour(),
        Some(true)
    );
    assert_eq!(learnt(true, &named("Konsole 22.12.3", "")).truecolour(), None);
    let mut facts = learnt(false, "");
    assert!(facts.learn(&Fact::Ready));
    assert!(!facts.learn(&Fact::Other(String::new())), "nothing was learnt");
}

/// Each query and its number of terminators; a terminal reads them as we would.
#[test]
fn the_question_is_whole_sequences_and_tmux_never_sees_a_bare_one_about_graphics() {
    let plain = String::from_utf8(query(false)).unwrap();
    assert!(plain.ends_with("\x1b[5n") && plain.matches("\x1b[5n").count() == 1);
    assert_eq!(plain.matches(GRAPHICS).count(), 1);
    let tmux = String::from_utf8(query(true)).unwrap();
    assert!(!tmux.contains(GRAPHICS));
    assert!(tmux.contains("\x1bPtmux;\x1b\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\x1b\\\x1b\\"));
    assert!(tmux.contains("\x1bPtmux;\x1b\x1b[5n\x1b\\") && tmux.contains("u\x1b[5n"));
}
