use super::*;
use crate::graphics::kitty::Wrap;
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
    learn(&mut facts, replies);
    facts
}

fn learn(facts: &mut Facts, replies: &str) {
    Lexer::new().push(replies.as_bytes(), &mut |input| match input {
        Input::Fact(fact) => {
            facts.learn(&fact);
        }
        other => panic!("{other:?} is no fact"),
    });
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

/// tmux' own answers.
fn tmux() -> &'static str {
    "\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c\x1b[>84;0;0c\x1b[0n"
}

fn client(line: &str) -> Fact {
    Fact::Tmux(Client::parse(line).unwrap())
}

/// The answers of real terminals, by the terminal's name and generation.
fn answers(terminal: &str, place: &str) -> String {
    let lines = include_str!("../../../tests/fixtures/answers.txt").lines();
    let mut rows = lines.filter(|line| !line.starts_with('#')).map(|line| {
        let mut fields = line.splitn(3, '\t');
        let mut next = || fields.next().unwrap();
        (next(), next(), next())
    });
    let (_, _, bytes) = rows
        .find(|(name, at, _)| (*name, *at) == (terminal, place))
        .unwrap_or_else(|| panic!("{terminal} {place}"));
    bytes.replace('␛', "\x1b").replace('␇', "\x07")
}

#[test]
fn the_pane_s_background_counts_before_that_of_the_terminal_outside() {
    let (own, outside) = (
        "\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
        "\x1b]11;rgb:0000/0000/0000\x1b\\",
    );
    let of = |replies: &str| learnt(true, replies).background();
    assert_eq!(of(&format!("{own}\x1b[0n{outside}\x1b[0n")), Some([255; 3]));
    // An older tmux does not know.
    assert_eq!(of(&format!("\x1b[0n{outside}\x1b[0n")), Some([0; 3]));
    let mut facts = learnt(true, &format!("{own}\x1b[0n{outside}\x1b[0n"));
    facts.asked_again();
    let dark = Fact::Colour {
        slot: Slot::Background,
        rgb: [9; 3],
    };
    assert!(facts.learn(&dark));
    assert_eq!(facts.background(), Some([9; 3]));
    // Without one in between, the last word counts.
    assert_eq!(
        learnt(false, &format!("{own}\x1b[0n{outside}")).background(),
        Some([0; 3])
    );
}

#[test]
fn every_terminal_gets_the_pictures_that_it_shows() {
    use Protocol::{HalfBlocks, KittyClassic, KittyPlaceholders, Sixel};
    for (terminal, protocol, true_colours, keys, notifies) in [
        ("alacritty-B", HalfBlocks, None, false, false),
        ("alacritty-S", HalfBlocks, None, true, false),
        ("foot-B", Sixel, Some(true), true, true),
        ("foot-S", Sixel, Some(true), true, true),
        ("kitty-B", KittyClassic, Some(true), true, true),
        ("kitty-S", KittyPlaceholders, Some(true), true, true),
        ("konsole-B", KittyClassic, Some(true), false, false),
        ("konsole-S", KittyClassic, Some(true), true, true),
        ("mlterm-B", Sixel, None, false, false),
        ("mlterm-S", Sixel, Some(true), false, false),
        ("xterm-B", Sixel, Some(true), true, false),
        ("xterm-S", Sixel, Some(true), true, false),
    ] {
        let facts = learnt(false, &answers(terminal, "direct"));
        let way = facts.way(&hints(false));
        assert_eq!((way.protocol, way.wrap), (protocol, Wrap::None), "{terminal}");
        assert!(facts.complete() && way.why.ends_with('.'), "{terminal}: {way:?}");
        assert_eq!(facts.truecolour(), true_colours, "{terminal}");
        assert_eq!(facts.tells_keys_apart(), keys, "{terminal}");
        assert_eq!(facts.notifier().is_some(), notifies, "{terminal}");
        let height = if terminal.starts_with("mlterm") { 17 } else { 18 };
        let cell = CellSize { width: 9, height };
        assert_eq!(facts.cell(), (cell, false), "{terminal}");
    }
}

#[test]
fn inside_tmux_only_what_keeps_its_place_counts() {
    use Protocol::{HalfBlocks, KittyPlaceholders, Sixel};
    for (terminal, line, protocol, wrap) in [
        // What `tmux display-message` says there.
        (
            "kitty-S",
            "kitty(0.48.2)|xterm-kitty|RGB,title|on|9x18",
            KittyPlaceholders,
            Wrap::Tmux,
        ),
        // tmux itself claims sixel, and kitty has none: the user would see a line of text.
        (
            "kitty-B",
            "kitty(0.26.5)|xterm-kitty|RGB|on|9x18",
            HalfBlocks,
            Wrap::None,
        ),
        ("foot-S", "foot(1.28.0)|foot|RGB,sixel|on|9x18", Sixel, Wrap::None),
        (
            "foot-S",
            "foot(1.28.0)|foot|RGB,sixel|off|9x18",
            Sixel,
            Wrap::None,
        ),
        (
            "konsole-S",
            "Konsole 26.08.2|xterm-256color|sixel|on|9x18",
            Sixel,
            Wrap::None,
        ),
        (
            "mlterm-S",
            "mlterm(3.9.4)|mlterm|sixel|on|9x17",
            Sixel,
            Wrap::None,
        ),
        ("xterm-S", "XTerm(412)|xterm|sixel|on|9x18", Sixel, Wrap::None),
        ("alacritty-S", "|alacritty|RGB|on|9x18", HalfBlocks, Wrap::None),
        // 3.3a shows no sixel, whatever is outside.
        (
            "foot-B",
            "foot(1.13.1)|foot|RGB,sixel|on|9x18",
            HalfBlocks,
            Wrap::None,
        ),
        (
            "konsole-B",
            "Konsole 22.12.3|xterm-256color||on|9x18",
            HalfBlocks,
            Wrap::None,
        ),
        ("mlterm-B", "|mlterm||on|9x17", HalfBlocks, Wrap::None),
        ("xterm-B", "XTerm(379)|xterm||on|9x18", HalfBlocks, Wrap::None),
    ] {
        let mut facts = learnt(true, &answers(terminal, "tmux"));
        facts.learn(&client(line));
        let way = facts.way(&hints(true));
        assert_eq!((way.protocol, way.wrap), (protocol, wrap), "{terminal}: {way:?}");
        assert!(facts.complete() && !facts.cell().1, "{terminal}");
        assert_eq!(facts.truecolour(), Some(line.contains("RGB")), "{terminal}");
        assert!(facts.asks_focus());
    }
    // Without the tmux command, what came through it is enough; and the question may be answered late.
    let facts = learnt(true, &answers("kitty-S", "tmux"));
    assert_eq!(facts.way(&hints(true)).protocol, KittyPlaceholders);
    assert_eq!(
        (facts.name(), facts.multiplexer()),
        (Some("kitty(0.48.2)"), Some("tmux 3.8"))
    );
    assert!(facts.copies_pictures());
}

#[test]
fn a_closed_tmux_is_explained_and_not_waited_for() {
    let mut closed = learnt(true, tmux());
    assert!(!closed.complete());
    assert!(
        closed
            .way(&hints(true))
            .why
            .contains("set -g allow-passthrough on")
    );
    closed.learn(&client("kitty(0.48.2)|xterm-kitty|RGB|off|9x18"));
    let way = closed.way(&hints(true));
    assert_eq!(way.protocol, Protocol::HalfBlocks);
    assert!(
        way.why.contains("kitty(0.48.2)") && way.why.contains("allow-passthrough"),
        "{way:?}"
    );
    assert!(closed.complete(), "nothing else can come");
    assert_eq!((closed.way_out(), closed.passthrough()), (None, Some(false)));
    // Another terminal has been attached while the first one's answer is still known.
    let mut torn = learnt(true, &answers("kitty-S", "tmux"));
    torn.learn(&client("Konsole 26.08.2|xterm-256color||on|9x18"));
    assert_eq!(torn.way(&hints(true)).protocol, Protocol::HalfBlocks);
    torn.learn(&client("somebody 1|xterm-256color||on|9x18"));
    assert_eq!(torn.way(&hints(true)).protocol, Protocol::HalfBlocks);
}

#[test]
fn answers_cut_anywhere_mean_the_same() {
    for terminal in [
        "foot-S",
        "kitty-B",
        "kitty-S",
        "konsole-B",
        "konsole-S",
        "mlterm-S",
        "xterm-S",
    ] {
        for place in ["direct", "tmux"] {
            let (bytes, tmux) = (answers(terminal, place), place == "tmux");
            let whole = learnt(tmux, &bytes);
            for cut in 1..bytes.len() {
                let mut facts = Facts::new(tmux);
                facts.set_window(WINDOW);
                let mut lexer = Lexer::new();
                for piece in [&bytes.as_bytes()[..cut], &bytes.as_bytes()[cut..]] {
                    lexer.push(piece, &mut |input| match input {
                        Input::Fact(fact) => drop(facts.learn(&fact)),
                        other => panic!("{other:?} is no fact, cut at {cut}"),
                    });
                }
                assert_eq!(facts, whole, "{terminal} {place} cut at {cut}");
            }
        }
    }
}

#[test]
fn the_protocol_follows_the_name_before_the_answer() {
    use Protocol::{HalfBlocks, Iterm2, KittyClassic, KittyPlaceholders, Sixel};
    for (replies, protocol) in [
        (named("kitty(0.28.0)", OK), KittyPlaceholders),
        (named("kitty(1.0)", OK), KittyPlaceholders),
        (named("ghostty 1.3.1", OK), KittyPlaceholders),
        (named("WezTerm 20240203-110809-5046fc22", OK), Iterm2),
        (named("iTerm2 3.5.14", OK), Iterm2),
        (named("iTerm2 3.5.14", "\x1b[?64;1;2;4c"), Iterm2),
        (named("Someone 1", "\x1b[?62;4c"), Sixel),
        (named("Someone 1", "\x1b]1337;Capabilities=TCwFNo\x1b\\"), Iterm2),
        (
            named("Someone 1", "\x1b]1337;ReportCellSize=18.0;9.0\x1b\\"),
            Iterm2,
        ),
        (named("Someone 1", "\x1b]1337;Capabilities=TFo\x1b\\"), HalfBlocks),
        (named("Someone 1", "\x1b_Gi=31;EINVAL:no\x1b\\"), HalfBlocks),
        (format!("{OK}\x1b[0n"), KittyClassic),
        ("\x1b[?6c\x1b[0n".to_owned(), HalfBlocks),
        (String::new(), HalfBlocks),
    ] {
        let way = learnt(false, &replies).way(&hints(false));
        assert_eq!((way.protocol, way.wrap), (protocol, Wrap::None), "{replies:?}");
        assert!(way.why.ends_with('.') && way.why.len() > 20, "{way:?}");
    }
    let hinted = Hints {
        lc_terminal: "iTerm2".to_owned(),
        ..Hints::default()
    };
    assert_eq!(learnt(false, "").way(&hinted).protocol, Iterm2);
    assert!(learnt(false, "").downloads(&hinted));
    assert!(!learnt(false, &named("kitty(0.48.2)", OK)).downloads(&hinted));
    // The variable is of whoever started tmux, not of whoever looks at it.
    let inside = Hints { tmux: true, ..hinted };
    assert_eq!(learnt(true, "").way(&inside).protocol, HalfBlocks);
    assert!(!learnt(true, "").downloads(&inside));
}

#[test]
fn another_terminal_outside_is_noticed() {
    let mut facts = learnt(true, &(tmux().to_owned() + &named("kitty(0.48.2)", OK)));
    facts.asked_again();
    assert_eq!(
        facts.way(&hints(true)).protocol,
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
        (facts.name(), facts.way(&hints(true)).protocol),
        (None, Protocol::HalfBlocks)
    );
}

#[test]
fn the_user_and_a_screen_in_between_outrank_the_terminal() {
    let facts = learnt(false, &named("kitty(0.48.2)", OK));
    let chosen = |protocol, tmux| Hints {
        chosen: Some(protocol),
        tmux,
        ..Hints::default()
    };
    assert_eq!(facts.way(&chosen(Protocol::Off, false)).protocol, Protocol::Off);
    let screen = Hints {
        term: "screen.xterm-256color".to_owned(),
        ..Hints::default()
    };
    let way = facts.way(&screen);
    assert_eq!(way.protocol, Protocol::HalfBlocks);
    assert!(way.why.contains("screen.xterm-256color"));
    let way = facts.way(&chosen(Protocol::KittyPlaceholders, false));
    assert_eq!(way.protocol, Protocol::KittyPlaceholders);
    let way = learnt(false, &answers("konsole-S", "direct")).way(&chosen(Protocol::KittyPlaceholders, false));
    assert_eq!((way.protocol, way.wrap), (Protocol::KittyClassic, Wrap::None));
    // In tmux it goes past tmux, which knows nothing of it.
    let konsole = learnt(true, &answers("konsole-B", "tmux"));
    for (wish, protocol) in [
        (Protocol::KittyPlaceholders, Protocol::KittyClassic),
        (Protocol::Iterm2, Protocol::Iterm2),
        (Protocol::Sixel, Protocol::Sixel),
    ] {
        let way = konsole.way(&chosen(wish, true));
        assert_eq!((way.protocol, way.wrap), (protocol, Wrap::Tmux));
        assert!(
            way.why.contains("ghost") && way.why.contains("allow-passthrough"),
            "{way:?}"
        );
    }
    // But sixel that tmux shows itself is not to be wrapped.
    let mut foot = learnt(true, &answers("foot-S", "tmux"));
    foot.learn(&client("foot(1.28.0)|foot|sixel|on|9x18"));
    assert_eq!(foot.way(&chosen(Protocol::Sixel, true)).wrap, Wrap::None);
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
fn joined_emoji_are_sent_where_they_take_the_room_of_one() {
    let joins = |tmux, replies: &str| learnt(tmux, replies).joins_emoji();
    for name in [
        "kitty(0.48.2)",
        "ghostty 1.3.1",
        "Konsole 22.12.3",
        "WezTerm 20240203-110809",
    ] {
        assert!(joins(false, &named(name, "")), "{name}");
        assert!(
            !joins(true, &(tmux().to_owned() + &named(name, ""))),
            "{name} in tmux"
        );
    }
    for name in [
        "kitty(0.26.5)",
        "foot(1.13.1)",
        "XTerm(379)",
        "mlterm(3.9.4)",
        "VTE(7803)",
    ] {
        assert!(!joins(false, &named(name, "\x1b[?2027;0$y")), "{name}");
    }
    assert!(joins(false, &named("foot(1.28.0)", "\x1b[?2027;1$y")));
    assert!(!joins(false, "") && !joins(false, "\x1b[?2027;2$y"));
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
    let inside = tmux().to_owned() + &named("Konsole 22.12.3", "");
    assert_eq!(learnt(true, &inside).truecolour(), None);
    let mut facts = learnt(false, "");
    assert!(facts.learn(&Fact::Ready));
    assert!(!facts.learn(&Fact::Other(String::new())), "nothing was learnt");
}

/// What tells a terminal's replies from typed keys is that each question is answered whole or not at all.
#[test]
fn the_question_is_whole_sequences_and_tmux_never_sees_a_bare_one_about_graphics() {
    let graphics = question::graphics();
    let query = |hints: &Hints| Facts::new(hints.tmux).form(hints).question();
    let plain = String::from_utf8(query(&hints(false))).unwrap();
    assert!(plain.ends_with(question::READY) && plain.matches(question::READY).count() == 1);
    assert_eq!(plain.matches(&graphics).count(), 1);
    let at = |text: &str| plain.find(text).unwrap();
    assert!(at("\x1b[>q") < at("\x1b[c") && at("\x1b[c") < at(&graphics));
    let tmux = String::from_utf8(query(&hints(true))).unwrap();
    assert!(!tmux.contains(&graphics));
    assert!(tmux.contains("\x1bPtmux;\x1b\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\x1b\\\x1b\\"));
    assert!(tmux.contains("\x1bPtmux;\x1b\x1b[5n\x1b\\") && tmux.contains("u\x1b[5n"));
    assert!(!tmux.contains("]99;"), "its answer may end in another pane");
    // Where a string is printed or handed on as text, only control sequences are sent.
    for (term, program) in [
        ("linux", ""),
        ("screen-256color", ""),
        ("dumb", ""),
        ("xterm-256color", "Apple_Terminal"),
    ] {
        let hints = Hints {
            term: term.to_owned(),
            program: program.to_owned(),
            ..Hints::default()
        };
        let question = String::from_utf8(query(&hints)).unwrap();
        assert!(question.ends_with(question::READY));
        for opening in ["\x1b]", "\x1bP", "\x1b_"] {
            assert!(!question.contains(opening), "{term} {program}");
        }
    }
}

/// The variables of a terminal that was started from within tmux, with its own `TERM`.
fn left_over(term: &str) -> Hints {
    Hints {
        tmux: true,
        term: term.to_owned(),
        ..Hints::default()
    }
}

#[test]
fn a_variable_that_is_left_over_takes_no_pictures_away() {
    use Protocol::{HalfBlocks, Iterm2, KittyClassic, KittyPlaceholders, Sixel};
    for terminal in [
        "alacritty-B",
        "alacritty-S",
        "foot-B",
        "foot-S",
        "kitty-B",
        "kitty-S",
        "konsole-B",
        "konsole-S",
        "mlterm-B",
        "mlterm-S",
        "xterm-B",
        "xterm-S",
    ] {
        let replies = answers(terminal, "direct");
        let hints = left_over("xterm-256color");
        let mut facts = Facts::new(true);
        facts.set_window(WINDOW);
        assert_eq!(facts.form(&hints), Form::Tmux, "by the environment");
        // The server of that tmux still runs, and tells of another terminal.
        facts.learn(&client("kitty(0.48.2)|xterm-kitty|RGB|off|9x18"));
        learn(&mut facts, &replies);
        assert!(!facts.is_tmux() && facts.client().is_none(), "{terminal}");
        assert_eq!(facts.form(&hints), Form::Direct, "{terminal}");
        facts.asked_again();
        assert!(!facts.complete());
        facts.learn(&client("kitty(0.48.2)|xterm-kitty|RGB|off|9x18"));
        learn(&mut facts, &replies);
        let direct = learnt(false, &replies);
        let way = facts.way(&hints);
        assert_eq!(way, direct.way(&Hints::default()), "{terminal}");
        assert_eq!(facts.way_out(), Some(Wrap::None), "{terminal}");
        assert_eq!(facts.cell(), direct.cell(), "{terminal}");
        assert!(!facts.has_tmux_command(&hints) && !facts.asks_focus());
    }
    let wezterm = "\x1bP>|WezTerm 20240203-110809-5046fc22\x1b\\\x1b[?65;4;6;18;22c\x1b[>1;277;0c\x1b[0n";
    for (replies, protocol) in [
        (wezterm, Iterm2),
        ("\x1bP>|iTerm2 3.5.14\x1b\\\x1b[?64;1;2;4c\x1b[0n", Iterm2),
        ("\x1bP>|ghostty 1.3.1\x1b\\\x1b[?62;22c\x1b[0n", KittyPlaceholders),
        (
            "\x1bP>|kitty(0.26.5)\x1b\\\x1b[?62;c\x1b[0n\x1b_Gi=31;OK\x1b\\",
            KittyClassic,
        ),
        ("\x1b[?62;4c\x1b[0n", Sixel),
        // It says nothing of itself that tmux would not.
        ("\x1b[?1;2c\x1b[0n", HalfBlocks),
    ] {
        let way = learnt(true, replies).way(&left_over("xterm-256color"));
        assert_eq!((way.protocol, way.wrap), (protocol, Wrap::None), "{replies:?}");
    }
    assert!(learnt(true, "\x1b[?1;2c\x1b[0n").is_tmux());
    assert!(
        learnt(true, "\x1b[?1;2c\x1b[>0;95;0c\x1b[0n").is_tmux(),
        "tmux 1.8"
    );
    assert!(learnt(true, "\x1b[0n").is_tmux() && learnt(true, "").is_tmux());
}

#[test]
fn a_screen_inside_tmux_is_no_tmux() {
    for term in ["screen", "screen-256color", "screen.xterm-256color"] {
        let hints = left_over(term);
        let mut facts = Facts::new(true);
        assert_eq!(facts.form(&hints), Form::Controls, "a string would be printed");
        facts.learn(&client("kitty(0.48.2)|xterm-kitty|RGB|on|9x18"));
        for fact in [Fact::Attributes(vec![1, 2]), Fact::Device(83), Fact::Ready] {
            facts.learn(&fact);
        }
        assert!(!facts.is_tmux() && facts.complete(), "{term}");
        assert_eq!(facts.truecolour(), Some(false), "whatever COLORTERM says");
        assert_eq!(facts.form(&hints), Form::Controls, "{term}");
        let way = facts.way(&hints);
        assert_eq!((way.protocol, way.wrap), (Protocol::HalfBlocks, Wrap::None));
        assert!(way.why.contains(term), "{way:?}");
        // A tmux that calls its panes so is asked at once, and then the terminal outside.
        let mut inside = learnt(true, tmux());
        assert!(inside.is_tmux() && !inside.complete());
        assert_eq!(inside.form(&hints), Form::Tmux, "{term}");
        inside.learn(&Fact::Name("kitty(0.48.2)".to_owned()));
        assert!(inside.is_tmux(), "the name came through tmux");
    }
    // Whatever the variable of screen says.
    let hints = Hints {
        screen: true,
        term: "foot".to_owned(),
        ..Hints::default()
    };
    assert_eq!(Facts::new(false).form(&hints), Form::Controls);
    assert_eq!(
        learnt(false, &answers("foot-S", "direct")).form(&hints),
        Form::Direct
    );
    assert_eq!(
        learnt(false, "\x1b[?1;2c\x1b[>83;1;0c\x1b[0n").form(&hints),
        Form::Controls
    );
}

#[test]
fn a_tmux_on_the_other_side_of_ssh_is_one() {
    let hints = Hints {
        term: "tmux-256color".to_owned(),
        ..Hints::default()
    };
    for replies in [
        tmux().to_owned(),
        "\x1bP>|tmux 3.8\x1b\\\x1b[?1;2;4c\x1b[0n".to_owned(),
        "\x1b[?1;2c\x1b[>84;0;0c\x1b[0n".to_owned(),
    ] {
        let mut facts = learnt(false, &replies);
        assert!(facts.is_tmux() && !facts.has_tmux_command(&hints), "{replies:?}");
        assert_eq!(facts.form(&hints), Form::Tmux);
        // Sixel that only tmux claims is a line of text in kitty.
        assert_eq!(facts.way(&hints).protocol, Protocol::HalfBlocks);
        facts.asked_again();
        learn(&mut facts, &("\x1b[0n".to_owned() + &named("kitty(0.48.2)", OK)));
        let way = facts.way(&hints);
        assert_eq!(
            (way.protocol, way.wrap),
            (Protocol::KittyPlaceholders, Wrap::Tmux)
        );
    }
}
