use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEventKind};

use super::*;
use crate::tty::fact::Slot;

const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;
const NONE: KeyModifiers = KeyModifiers::NONE;

/// The replies of real terminals: what kind it is, who sends it, the bytes.
fn replies() -> impl Iterator<Item = (bool, &'static str, Vec<u8>)> {
    include_str!("../../../tests/fixtures/replies.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.split('\t');
            let cursor = parts.next() == Some("cursor");
            let who = parts.next().unwrap();
            let bytes = parts.next().unwrap().replace('␛', "\x1b").replace('␇', "\x07");
            (cursor, who, bytes.into_bytes())
        })
}

fn feed(lexer: &mut Lexer, pieces: &[&[u8]]) -> Vec<Input> {
    let mut inputs = Vec::new();
    for piece in pieces {
        lexer.push(piece, &mut |input| inputs.push(input));
    }
    inputs
}

/// What the bytes become, the timer having run out at their end.
fn lex(bytes: &[u8]) -> Vec<Input> {
    let mut lexer = Lexer::new();
    let mut inputs = feed(&mut lexer, &[bytes]);
    lexer.flush(&mut |input| inputs.push(input));
    assert_eq!(lexer.wait(), None, "something is pending after a flush");
    inputs
}

fn keys(bytes: &[u8]) -> Vec<(KeyCode, KeyModifiers)> {
    lex(bytes)
        .into_iter()
        .map(|input| match input {
            // `KeyEvent` compares letters without their case; the parts do not.
            Input::Key(key) => (key.code, key.modifiers),
            other => panic!("{other:?} from {:?} is no key", String::from_utf8_lossy(bytes)),
        })
        .collect()
}

#[test]
fn no_reply_becomes_a_key_wherever_it_is_cut() {
    let mut count = 0;
    for (cursor, who, bytes) in replies() {
        let whole = {
            let mut lexer = Lexer::new();
            if cursor {
                lexer.expect_cursor_report();
            }
            feed(&mut lexer, &[&bytes])
        };
        for cut in 0..=bytes.len() {
            let mut lexer = Lexer::new();
            if cursor {
                lexer.expect_cursor_report();
            }
            let inputs = feed(&mut lexer, &[&bytes[..cut], &bytes[cut..]]);
            let shown = String::from_utf8_lossy(&bytes);
            assert_eq!(inputs, whole, "{who}: {shown:?} cut at {cut}");
            assert!(
                !inputs.is_empty() && inputs.iter().all(|input| matches!(input, Input::Fact(_))),
                "{who}: {shown:?} cut at {cut} is {inputs:?}"
            );
            assert_eq!(lexer.wait(), None, "{who}: {shown:?} leaves something pending");
        }
        count += 1;
    }
    assert!(count > 150, "the fixture has only {count} replies");
}

#[test]
fn replies_between_keys_leave_the_keys_alone() {
    for (cursor, who, bytes) in replies() {
        let mut lexer = Lexer::new();
        if cursor {
            lexer.expect_cursor_report();
        }
        let inputs = feed(&mut lexer, &[b"a", &bytes, b"b\x1b[A", b"\xc3", b"\xa9"]);
        let typed: Vec<_> = inputs
            .iter()
            .filter(|input| !matches!(input, Input::Fact(_)))
            .collect();
        let expected = ['a', 'b', '\0', 'é'].map(|character| {
            Input::Key(match character {
                '\0' => KeyCode::Up.into(),
                _ => KeyCode::Char(character).into(),
            })
        });
        assert_eq!(typed, expected.iter().collect::<Vec<_>>(), "{who}");
    }
}

#[test]
fn a_reply_that_is_torn_from_its_escape_is_still_none() {
    let escape = Input::Key(KeyCode::Esc.into());
    for (cursor, who, bytes) in replies().filter(|(cursor, ..)| !cursor) {
        let mut lexer = Lexer::new();
        let mut inputs = feed(&mut lexer, &[&bytes[..1]]);
        lexer.flush(&mut |input| inputs.push(input));
        inputs.extend(feed(&mut lexer, &[&bytes[1..]]));
        assert_eq!(inputs[0], escape);
        assert!(
            matches!(inputs[1..], [Input::Fact(_), ..]),
            "{who} {cursor}: {inputs:?}"
        );
    }
    // What is typed after Escape is typed.
    let mut lexer = Lexer::new();
    feed(&mut lexer, &[b"\x1b"]);
    lexer.flush(&mut |input| assert_eq!(input, escape));
    let text: Vec<_> = "[Paste]"
        .chars()
        .map(|character| Input::Key(key::character(character)))
        .collect();
    assert_eq!(feed(&mut lexer, &[b"[Paste]"]), text);
}

#[test]
fn replies_say_what_they_mean() {
    let facts = [
        ("\x1b[?62;52;c", Fact::Attributes(vec![62, 52])),
        (
            "\x1bP>|kitty(0.48.2)\x1b\\",
            Fact::Name("kitty(0.48.2)".to_owned()),
        ),
        ("\x1b[6;18;9t", Fact::CellPixels { width: 9, height: 18 }),
        (
            "\x1b[4;720;640t",
            Fact::WindowPixels {
                width: 640,
                height: 720,
            },
        ),
        (
            "\x1b[8;40;80t",
            Fact::WindowCells {
                columns: 80,
                rows: 40,
            },
        ),
        (
            "\x1b[?2026;2$y",
            Fact::Mode {
                number: 2026,
                state: 2,
            },
        ),
        ("\x1b[?0u", Fact::Keyboard(0)),
        ("\x1b[0n", Fact::Ready),
        ("\x1b[?997;2n", Fact::Scheme { dark: false }),
        ("\x1b[?7;9R", Fact::Cursor { row: 7, column: 9 }),
        (
            "\x1b_Gi=31;OK\x1b\\",
            Fact::Graphics {
                id: 31,
                message: "OK".to_owned(),
            },
        ),
        (
            "\x1b]4;1;rgb:cccc/0404/0303\x07",
            Fact::Colour {
                slot: Slot::Palette(1),
                rgb: [0xcc, 4, 3],
            },
        ),
        (
            "\x1b]1337;ReportCellSize=18.0;9.0;1.0\x07",
            Fact::CellReport { width: 9, height: 18 },
        ),
        ("\x1b[>4;0m", Fact::OtherKeys(0)),
        (
            "\x1bPtmux;\x1b\x1bP>|foot(1.28.0)\x1b\x1b\\\x1b\\",
            Fact::Name("foot(1.28.0)".to_owned()),
        ),
    ];
    for (bytes, fact) in facts {
        assert_eq!(lex(bytes.as_bytes()), [Input::Fact(fact)], "{bytes:?}");
    }
}

#[test]
fn a_cursor_report_is_one_only_where_it_can_be() {
    let mut lexer = Lexer::new();
    lexer.expect_cursor_report();
    let report = Input::Fact(Fact::Cursor { row: 1, column: 5 });
    let key = Input::Key(KeyEvent::new(KeyCode::F(3), CONTROL));
    assert_eq!(feed(&mut lexer, &[b"\x1b[1;5R\x1b[1;5R"]), [report, key]);
    assert!(matches!(lex(b"\x1b[3;5R")[..], [Input::Fact(_)]));
    assert!(matches!(lex(b"\x1b[1;1R")[..], [Input::Fact(_)]));
}

/// The table of keys in the design, and more of the same kind.
#[test]
fn keys_have_one_form_however_they_are_spelt() {
    use KeyCode::{
        BackTab, Backspace, Char, Delete, Down, End, Enter, Esc, F, Home, Insert, Left, PageUp, Right, Tab,
        Up,
    };
    let table: &[(&str, KeyCode, KeyModifiers)] = &[
        // Legacy.
        ("a", Char('a'), NONE),
        ("A", Char('A'), SHIFT),
        ("é", Char('é'), NONE),
        ("ø", Char('ø'), NONE),
        ("日", Char('日'), NONE),
        ("😀", Char('😀'), NONE),
        ("\r", Enter, NONE),
        ("\t", Tab, NONE),
        ("\x7f", Backspace, NONE),
        ("\x08", Backspace, CONTROL),
        ("\x1b", Esc, NONE),
        ("\0", Char(' '), CONTROL),
        ("\x03", Char('c'), CONTROL),
        ("\n", Char('j'), CONTROL),
        ("\x1f", Char('_'), CONTROL),
        ("\x1bx", Char('x'), ALT),
        ("\x1bX", Char('X'), ALT | SHIFT),
        ("\x1bé", Char('é'), ALT),
        ("\x1b\r", Enter, ALT),
        ("\x1b\x7f", Backspace, ALT),
        ("\x1b\x01", Char('a'), ALT | CONTROL),
        ("\x1b[", Char('['), ALT),
        ("\x1b]", Char(']'), ALT),
        ("\x1bO", Char('O'), ALT | SHIFT),
        ("\x1b\\", Char('\\'), ALT),
        ("\x1b[A", Up, NONE),
        ("\x1b[1;5C", Right, CONTROL),
        ("\x1b[1;4D", Left, ALT | SHIFT),
        ("\x1bOB", Down, NONE),
        ("\x1bOH", Home, NONE),
        ("\x1b[4~", End, NONE),
        ("\x1b[3;5~", Delete, CONTROL),
        ("\x1b[2~", Insert, NONE),
        ("\x1b[5;2~", PageUp, SHIFT),
        ("\x1bOP", F(1), NONE),
        ("\x1b[1;2P", F(1), SHIFT),
        ("\x1b[15~", F(5), NONE),
        ("\x1b[17;5~", F(6), CONTROL),
        ("\x1b[24~", F(12), NONE),
        ("\x1b[[C", F(3), NONE),
        ("\x1b[Z", BackTab, SHIFT),
        ("\x1b\x1b[A", Up, ALT),
        // rxvt.
        ("\x1b[7~", Home, NONE),
        ("\x1b[3$", Delete, SHIFT),
        ("\x1b[3^", Delete, CONTROL),
        ("\x1b[a", Up, SHIFT),
        ("\x1bOd", Left, CONTROL),
        // Konsole's Shift+Enter.
        ("\x1bOM", Enter, SHIFT),
        // The kitty keyboard protocol.
        ("\x1b[13;2u", Enter, SHIFT),
        ("\x1b[13;5u", Enter, CONTROL),
        ("\x1b[13;3u", Enter, ALT),
        ("\x1b[105;5u", Char('i'), CONTROL),
        ("\x1b[27u", Esc, NONE),
        ("\x1b[9;2u", BackTab, SHIFT),
        ("\x1b[127;5u", Backspace, CONTROL),
        ("\x1b[99;133u", Char('c'), CONTROL),
        ("\x1b[97;6u", Char('A'), CONTROL | SHIFT),
        ("\x1b[97:65;6u", Char('A'), CONTROL | SHIFT),
        ("\x1b[47:63;6u", Char('?'), CONTROL),
        ("\x1b[1089::99;5u", Char('c'), CONTROL),
        ("\x1b[1089;3u", Char('с'), ALT),
        ("\x1b[97;5:2u", Char('a'), CONTROL),
        ("\x1b[1;1:2B", Down, NONE),
        ("\x1b[57414u", Enter, NONE),
        ("\x1b[57404;5u", Char('5'), CONTROL),
        ("\x1b[57376u", F(13), NONE),
        ("\x1b[13~", F(3), NONE),
        ("\x1b[97;;229u", Char('å'), NONE),
        // AltGr as Ctrl and Alt, Option as Alt, a level of the keyboard; and shortcuts that tell their text as well.
        ("\x1b[113;7;64u", Char('@'), NONE),
        ("\x1b[113:81:113;7;64u", Char('@'), NONE),
        ("\x1b[101;7;8364u", Char('€'), NONE),
        ("\x1b[108;3;64u", Char('@'), NONE),
        ("\x1b[55;7;123u", Char('{'), NONE),
        ("\x1b[97;8;260u", Char('Ą'), SHIFT),
        ("\x1b[111;5;243u", Char('ó'), NONE),
        ("\x1b[98;3;98u", Char('b'), ALT),
        ("\x1b[98:66;4;66u", Char('B'), ALT | SHIFT),
        ("\x1b[99;5;3u", Char('c'), CONTROL),
        ("\x1b[1089::99;5;1089u", Char('c'), CONTROL),
        ("\x1b[113;9;64u", Char('q'), KeyModifiers::SUPER),
        // modifyOtherKeys.
        ("\x1b[27;2;13~", Enter, SHIFT),
        ("\x1b[27;5;13~", Enter, CONTROL),
        ("\x1b[27;5;105~", Char('i'), CONTROL),
        ("\x1b[27;3;120~", Char('x'), ALT),
        ("\x1b[27;2;65~", Char('A'), SHIFT),
        ("\x1b[27;2;63~", Char('?'), NONE),
        ("\x1b[27;2;32~", Char(' '), NONE),
        ("\x1b[27;6;63~", Char('?'), CONTROL),
    ];
    for (bytes, code, modifiers) in table {
        assert_eq!(keys(bytes.as_bytes()), [(*code, *modifiers)], "{bytes:?}");
    }
}

#[test]
fn sequences_with_a_bound_need_no_timer() {
    for bytes in [
        "\x1b[A",
        "\x1b[1;5C",
        "\x1bOM",
        "\x1b[13;2u",
        "\x1b[27;2;13~",
        "\x1bx",
        "é",
        "\x1b[3$",
    ] {
        let bytes = bytes.as_bytes();
        for cut in 0..=bytes.len() {
            let mut lexer = Lexer::new();
            let inputs = feed(&mut lexer, &[&bytes[..cut], &bytes[cut..]]);
            assert_eq!(inputs, lex(bytes), "{bytes:?} cut at {cut}");
            assert_eq!(lexer.wait(), None);
        }
    }
}

#[test]
fn releases_locks_and_unknown_keys_are_nothing() {
    for bytes in [
        "\x1b[97;1:3u",
        "\x1b[1;1:3A",
        "\x1b[3;1:3~",
        "\x1b[57358u",
        "\x1b[57441;2u",
        "\x1b[57430u",
        "\x1b[999~",
        "\x1b[201~",
        "\x1b[31;5u",
    ] {
        let inputs = lex(bytes.as_bytes());
        assert!(
            !inputs.iter().any(|input| matches!(input, Input::Key(_))),
            "{bytes:?}: {inputs:?}"
        );
    }
}

#[test]
fn escape_waits_and_becomes_a_key() {
    let mut lexer = Lexer::new();
    assert_eq!(feed(&mut lexer, &[b"\x1b"]), []);
    assert!(lexer.pending_escape());
    assert_eq!(lexer.wait(), Some(ESCAPE));
    assert_eq!(keys(b"\x1b\x1b"), [(KeyCode::Esc, NONE), (KeyCode::Esc, NONE)]);
    assert_eq!(keys(b"\x1b\x1b\x1b").len(), 3);
    assert_eq!(
        keys(b"\x1b\x1bx"),
        [(KeyCode::Esc, NONE), (KeyCode::Char('x'), ALT)]
    );
    let escape = Input::Key(KeyCode::Esc.into());
    let ready = Input::Fact(Fact::Ready);
    assert_eq!(lex(b"\x1b\x1b[0n"), [escape.clone(), ready]);
    let name = Input::Fact(Fact::Name("tmux 3.8".to_owned()));
    assert_eq!(lex(b"\x1b\x1bP>|tmux 3.8\x1b\\"), [escape, name]);
}

#[test]
fn a_string_without_an_end_gives_the_keyboard_back() {
    let q = Input::Key(KeyCode::Char('q').into());
    let enter = Input::Key(KeyCode::Enter.into());
    // Silence.
    let mut lexer = Lexer::new();
    assert_eq!(feed(&mut lexer, &[b"\x1b]11;rgb:00"]), []);
    assert!(!lexer.pending_escape());
    assert_eq!(lexer.wait(), Some(SEQUENCE));
    lexer.flush(&mut |input| panic!("{input:?}"));
    // Its terminator comes late and is no Alt+\.
    let late = Input::Fact(Fact::Other("11;rgb:00".to_owned()));
    assert_eq!(feed(&mut lexer, &[b"\x1b\\q"]), [late, q.clone()]);
    feed(&mut lexer, &[b"\x1b]11;rgb:00"]);
    lexer.flush(&mut |input| panic!("{input:?}"));
    assert_eq!(feed(&mut lexer, &[b"\x1b", b"\\q"]), std::slice::from_ref(&q));
    // A control character, or another sequence.
    assert_eq!(lex(b"\x1b]ab\rq"), [enter, q.clone()]);
    assert_eq!(
        lex(b"\x1bPab\x1b[Aq"),
        [Input::Key(KeyCode::Up.into()), q.clone()]
    );
    assert_eq!(lex(b"\x1b[12\x1b[0nq"), [Input::Fact(Fact::Ready), q]);
}

/// A piece of a picture on the clipboard, as long as kitty makes them.
fn piece() -> (Vec<u8>, Input) {
    let about = "type=read:status=DATA:mime=aW1hZ2UvcG5n;";
    let packet = format!("{about}{}", "rL9dA0f+".repeat(683));
    let bytes = format!("\x1b]5522;{packet}\x1b\\").into_bytes();
    (bytes, Input::Fact(Fact::Clipboard(packet)))
}

#[test]
fn what_is_late_of_a_long_reply_is_no_keys() {
    let (bytes, fact) = piece();
    for cut in (1..40).chain([2_048, bytes.len() - 2, bytes.len() - 1]) {
        let mut lexer = Lexer::new();
        let mut inputs = feed(&mut lexer, &[&bytes[..cut]]);
        lexer.flush(&mut |input| inputs.push(input));
        let rest: Vec<_> = bytes[cut..].chunks(2_048).collect();
        inputs.extend(feed(&mut lexer, &rest));
        inputs.extend(feed(&mut lexer, &[b"q"]));
        // An ESC, or what Alt makes of the next byte, may have become a key: nothing is known of it by then.
        let from = usize::from(cut <= 2);
        let q = Input::Key(KeyCode::Char('q').into());
        assert!(inputs[from..] == [fact.clone(), q], "cut at {cut}");
    }
    // What is typed after a reply that never ended is typed.
    let mut lexer = Lexer::new();
    feed(&mut lexer, &[&bytes[..100]]);
    lexer.flush(&mut |input| panic!("{input:?}"));
    let typed = feed(&mut lexer, &[b"hello"]);
    assert_eq!(typed.len(), 5);
    assert!(
        typed.iter().all(|input| matches!(input, Input::Key(_))),
        "{typed:?}"
    );
}

#[test]
fn a_reply_may_come_into_the_middle_of_another() {
    let (bytes, fact) = piece();
    let q = Input::Key(KeyCode::Char('q').into());
    let outside = [
        (&bytes[..], fact),
        (
            b"\x1b[?5522;2$y",
            Input::Fact(Fact::Mode {
                number: 5522,
                state: 2,
            }),
        ),
        (
            b"\x1bP>|kitty(0.48.2)\x1b\\",
            Input::Fact(Fact::Name("kitty(0.48.2)".to_owned())),
        ),
    ];
    let own: [(&[u8], Vec<Input>); 4] = [
        (b"\x1b[?1;2c", vec![Input::Fact(Fact::Attributes(vec![1, 2]))]),
        (
            b"\x1bP>|tmux 3.3a\x1b\\",
            vec![Input::Fact(Fact::Name("tmux 3.3a".to_owned()))],
        ),
        (b"\x1b[I", vec![Input::Focus(true)]),
        (
            b"\x1b[0n\x1b]11;rgb:0/0/0\x1b\\",
            vec![
                Input::Fact(Fact::Ready),
                Input::Fact(Fact::Colour {
                    slot: Slot::Background,
                    rgb: [0; 3],
                }),
            ],
        ),
    ];
    for (around, fact) in outside {
        // tmux writes an ESC and what follows it at once.
        for at in (3..around.len().min(60)).filter(|at| around[at - 1] != 0x1b) {
            for (inside, facts) in &own {
                let bytes = [&around[..at], inside, &around[at..], b"q"].concat();
                let expected: Vec<_> = facts.iter().chain([&fact, &q]).cloned().collect();
                assert!(lex(&bytes) == expected, "{} at {at}", inside.escape_ascii());
            }
        }
    }
}

#[test]
fn an_escape_among_replies_waits_for_the_next_one() {
    let mut lexer = Lexer::new();
    let (bytes, _) = piece();
    let [ok, done] = ["OK", "DONE"].map(|status| format!("\x1b]5522;type=read:status={status}\x1b\\"));
    for (before, wait) in [
        (ok.as_bytes(), INTRODUCER),
        (&bytes, INTRODUCER),
        (done.as_bytes(), ESCAPE),
        (b"\x1b[?62;4c", INTRODUCER),
        (b"\x1b[?62;4cq", ESCAPE),
        (b"\x1b[?62;4c\x1b[0n", ESCAPE),
    ] {
        feed(&mut lexer, &[before, b"\x1b"]);
        assert_eq!(lexer.wait(), Some(wait), "after {}", before.escape_ascii());
        lexer.flush(&mut |input| assert_eq!(input, Input::Key(KeyCode::Esc.into())));
    }
}

#[test]
fn what_is_late_of_a_paste_is_pasted() {
    let text = "a line\r".repeat(40);
    let bytes = format!("\x1b[200~{text}\x1b[201~q").into_bytes();
    for cut in [6, 20, 200, bytes.len() - 8] {
        let mut lexer = Lexer::new();
        let mut inputs = feed(&mut lexer, &[&bytes[..cut]]);
        lexer.flush(&mut |input| inputs.push(input));
        inputs.extend(feed(&mut lexer, &[&bytes[cut..]]));
        let mut pasted = String::new();
        for input in &inputs[..inputs.len() - 1] {
            let Input::Paste(text) = input else {
                panic!("{input:?}, cut at {cut}")
            };
            pasted.push_str(text);
        }
        assert_eq!(pasted, text.replace('\r', "\n"), "cut at {cut}");
        assert_eq!(inputs.last(), Some(&Input::Key(KeyCode::Char('q').into())));
    }
    // Another paste after one that never ended.
    let mut lexer = Lexer::new();
    feed(&mut lexer, &[b"\x1b[200~half a"]);
    lexer.flush(&mut |input| assert_eq!(input, Input::Paste("half a".to_owned())));
    let again = feed(&mut lexer, &[&bytes]);
    assert_eq!(again[0], Input::Paste(text.replace('\r', "\n")));
}

#[test]
fn a_reply_of_any_length_is_swallowed() {
    let mut reply = b"\x1b]5522;".to_vec();
    reply.resize(1_000_000, b'x');
    reply.extend_from_slice(b"\x1b\\q");
    let inputs = lex(&reply);
    assert!(
        matches!(&inputs[0], Input::Fact(Fact::Clipboard(text)) if text.len() + "5522;".len() == LONGEST_REPLY)
    );
    assert_eq!(inputs[1..], [Input::Key(KeyCode::Char('q').into())]);
}

#[test]
fn pasted_text_is_clean_and_whole() {
    let paste = |text: &str| Input::Paste(text.to_owned());
    assert_eq!(lex(b"\x1b[200~multi\rline\x1b[201~"), [paste("multi\nline")]);
    assert_eq!(lex(b"\x1b[200~multi\nline\x1b[201~"), [paste("multi\nline")]);
    assert_eq!(lex(b"\x1b[200~multi\r\nline\x1b[201~"), [paste("multi\nline")]);
    assert_eq!(lex(b"\x1b[200~\x1b[201~"), [paste("")]);
    assert_eq!(
        lex(b"\x1b[200~a\x1b[31mb\x07\x1b[20\x1b\x1b[201~"),
        [paste("a[31mb[20")]
    );
    assert_eq!(lex("\x1b[200~ü\t日\x1b[201~".as_bytes()), [paste("ü\t日")]);
    let bytes = b"\x1b[200~one\x1b[201\x1b[201~x";
    for cut in 0..=bytes.len() {
        let inputs = feed(&mut Lexer::new(), &[&bytes[..cut], &bytes[cut..]]);
        assert_eq!(inputs, [paste("one[201"), Input::Key(KeyCode::Char('x').into())]);
    }
}

#[test]
fn a_huge_paste_is_cut_between_characters_and_a_cut_one_is_delivered() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.extend("é".repeat(frame::LONGEST_PASTE).bytes().skip(1));
    let mut lexer = Lexer::new();
    assert_eq!(feed(&mut lexer, &[&bytes]), []);
    assert_eq!(lexer.wait(), Some(PASTE));
    let mut inputs = Vec::new();
    lexer.flush(&mut |input| inputs.push(input));
    let [Input::Paste(text)] = &inputs[..] else {
        panic!("{} inputs", inputs.len());
    };
    assert!(text.len() > frame::LONGEST_PASTE - 8);
    assert!(!text.chars().skip(1).any(|character| character == '\u{fffd}'));
    assert_eq!(feed(&mut lexer, &[b"a"]), [Input::Key(KeyCode::Char('a').into())]);
}

#[test]
fn mouse_and_focus() {
    let at = |bytes: &[u8]| match &lex(bytes)[..] {
        [Input::Mouse(event)] => (event.kind, event.column, event.row, event.modifiers),
        other => panic!("{other:?}"),
    };
    let left = MouseButton::Left;
    assert_eq!(at(b"\x1b[<0;20;10M"), (MouseEventKind::Down(left), 19, 9, NONE));
    assert_eq!(at(b"\x1b[<0;20;10m"), (MouseEventKind::Up(left), 19, 9, NONE));
    assert_eq!(
        at(b"\x1b[<32;300;10M"),
        (MouseEventKind::Drag(left), 299, 9, NONE)
    );
    assert_eq!(at(b"\x1b[<35;1;1M"), (MouseEventKind::Moved, 0, 0, NONE));
    assert_eq!(at(b"\x1b[<64;1;1M"), (MouseEventKind::ScrollUp, 0, 0, NONE));
    assert_eq!(at(b"\x1b[<81;1;1M"), (MouseEventKind::ScrollDown, 0, 0, CONTROL));
    assert_eq!(at(b"\x1b[M !!"), (MouseEventKind::Down(left), 0, 0, NONE));
    assert_eq!(at(b"\x1b[M#!!"), (MouseEventKind::Up(left), 0, 0, NONE));
    assert_eq!(lex(b"\x1b[I\x1b[O"), [Input::Focus(true), Input::Focus(false)]);
    assert!(matches!(lex(b"\x1b[<128;1;1M")[..], [Input::Fact(_)]));
}

#[test]
fn what_is_not_utf8_is_replaced_and_costs_its_neighbours_nothing() {
    let text = |bytes: &[u8]| -> String {
        keys(bytes)
            .into_iter()
            .filter_map(|(code, _)| code.as_char())
            .collect()
    };
    assert_eq!(text(b"a\xffb"), "a\u{fffd}b");
    assert_eq!(text(b"a\xc3b"), "a\u{fffd}b");
    assert_eq!(text(b"\xe2\x82\xe2\x82\xac"), "\u{fffd}€");
    assert_eq!(text(b"\xed\xa0\x80z"), "\u{fffd}z");
    assert_eq!(keys(b"\x1b\xc3\xa9"), [(KeyCode::Char('é'), ALT)]);
    assert_eq!(
        keys(b"\x1b\xffx"),
        [(KeyCode::Char('\u{fffd}'), ALT), (KeyCode::Char('x'), NONE)]
    );
    assert_eq!(lex(b"\xe2\x82"), []);
}

/// Whatever comes, in whatever pieces, nothing panics, cutting changes nothing, and the keyboard works in the end.
#[test]
fn noise_does_no_harm() {
    const PARTS: [&[u8]; 20] = [
        b"\x1b",
        b"\x1b[",
        b"\x1b]",
        b"\x1bP",
        b"\x1b_",
        b"\x1bO",
        b"\x1b\\",
        b"\x07",
        b";",
        b":",
        b"1",
        b"99999999999",
        b"?",
        b"<",
        b"$",
        b"u",
        b"~",
        b"M",
        b"\x1b[200~",
        b"\xe2\x82",
    ];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below).unwrap()).unwrap()
    };
    for _ in 0..20_000 {
        let mut bytes = Vec::new();
        for _ in 0..random(12) {
            if random(3) == 0 {
                bytes.push(u8::try_from(random(256)).unwrap());
            } else {
                bytes.extend_from_slice(PARTS[random(PARTS.len())]);
            }
        }
        let whole = lex(&bytes);
        let cut = random(bytes.len() + 1);
        let mut lexer = Lexer::new();
        let mut pieces = feed(&mut lexer, &[&bytes[..cut], &bytes[cut..]]);
        lexer.flush(&mut |input| pieces.push(input));
        assert_eq!(pieces, whole, "{bytes:?} cut at {cut}");
        let after = feed(&mut lexer, &[b"\x1b[0nz"]);
        assert_eq!(
            after,
            [Input::Fact(Fact::Ready), Input::Key(KeyCode::Char('z').into())],
            "{bytes:?}"
        );
    }
}

/// Returns the inputs that come of bytes which a link tears here and holds for seconds.
fn torn(pieces: &[&[u8]]) -> Vec<Input> {
    let mut lexer = Lexer::new();
    let mut inputs = Vec::new();
    for piece in pieces {
        lexer.push(piece, &mut |input| inputs.push(input));
        lexer.flush(&mut |input| inputs.push(input));
        assert_eq!(lexer.wait(), None);
    }
    inputs
}

/// The characters among these inputs that would be typed.
fn text(inputs: &[Input]) -> String {
    let typed = inputs.iter().filter_map(|input| match input {
        Input::Key(KeyEvent {
            code: KeyCode::Char(character),
            modifiers,
            ..
        }) if !modifiers.intersects(ALT | CONTROL) => Some(*character),
        _ => None,
    });
    typed.collect()
}

/// Reports that are no replies, and what may come torn as well.
const REPORTS: [&str; 14] = [
    "\x1b[<0;20;10M",
    "\x1b[<64;117;3m",
    "\x1b[M !!",
    "\x1b[I",
    "\x1b[O",
    "\x1b[A",
    "\x1b[1;5C",
    "\x1b[3~",
    "\x1b[27;5;13~",
    "\x1b[13;2u",
    "\x1bOP",
    "\x1b[200~pasted\x1b[201~",
    "\x1b[?997;1n",
    "\x1b]11;rgb:0/0/0\x07",
];

#[test]
fn a_reply_that_is_torn_for_seconds_is_never_text() {
    let replies = replies().map(|(_, _, bytes)| bytes);
    let all: Vec<_> = replies
        .chain(REPORTS.map(|report| report.as_bytes().to_vec()))
        .collect();
    for bytes in &all {
        for cut in 1..bytes.len() {
            let (head, rest) = bytes.split_at(cut);
            let shown = bytes.escape_ascii();
            if rest != b"P" && !(bytes.starts_with(b"\x1b[200~") && cut > 6) {
                assert_eq!(text(&torn(&[head, rest])), "", "{shown} torn at {cut}");
            }
            // The rest and what was typed meanwhile come together.
            let glued = [rest, b"quiet"].concat();
            let is_certain = cut > 2 || rest.len() > 2;
            if is_certain && bytes.len() > 3 && !bytes.starts_with(b"\x1b[200~") {
                assert_eq!(text(&torn(&[head, &glued])), "quiet", "{shown} torn at {cut}");
            }
        }
    }
}

#[test]
fn a_reply_that_is_torn_twice_is_never_text() {
    // A string that may hold anything is told from words by its end alone.
    let is_told = |bytes: &[u8]| {
        let free: [&[u8]; 6] = [
            b"\x1b]1337;",
            b"\x1b]99;",
            b"\x1b]5522;",
            b"\x1b]52;",
            b"\x1b_G",
            b"\x1bPtmux;",
        ];
        !free.iter().any(|start| bytes.starts_with(start))
    };
    for bytes in replies()
        .map(|(_, _, bytes)| bytes)
        .filter(|bytes| is_told(bytes))
    {
        for first in 3..bytes.len() {
            for second in first + 2..bytes.len() {
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                let inputs = torn(&pieces);
                let shown = bytes.escape_ascii();
                assert_eq!(text(&inputs), "", "{shown} torn at {first} and {second}");
            }
        }
    }
}

#[test]
fn what_tmux_makes_of_a_torn_reply_is_never_text() {
    let spelt = |character: u8| {
        [
            format!("\x1b[27;3;{character}~").into_bytes(),
            format!("\x1b[{character};3u").into_bytes(),
            vec![0x1b, character],
        ]
    };
    for bytes in replies().map(|(_, _, bytes)| bytes) {
        if bytes.starts_with(b"\x1bPtmux;") {
            continue;
        }
        let (introducer, body) = (bytes[1], &bytes[2..]);
        let (body, ends) = if let Some(body) = body.strip_suffix(b"\x1b\\") {
            (body, spelt(b'\\'))
        } else if let Some(body) = body.strip_suffix(b"\x07") {
            let spelt = [&b"\x1b[27;5;103~"[..], b"\x1b[103;5u", b"\x07"];
            (body, spelt.map(<[u8]>::to_vec))
        } else {
            (body, [const { Vec::new() }; 3])
        };
        for (head, end) in spelt(introducer).iter().zip(&ends) {
            let rest = [body, end].concat();
            let shown = [head, &*rest].concat();
            let whole = torn(&[&[head, &*rest, b"quiet"].concat()]);
            assert_eq!(text(&whole), "quiet", "{}", shown.escape_ascii());
            let apart = torn(&[head, &[&*rest, b"quiet"].concat()]);
            assert_eq!(text(&apart), "quiet", "{}", shown.escape_ascii());
            for cut in 1..rest.len() {
                let mut lexer = Lexer::new();
                let inputs = feed(&mut lexer, &[head, &rest[..cut], &rest[cut..], b"quiet"]);
                assert_eq!(text(&inputs), "quiet", "{} cut at {cut}", shown.escape_ascii());
            }
        }
    }
}

#[test]
fn what_is_typed_while_a_reply_is_torn_is_kept() {
    let (bytes, _) = piece();
    for (head, rest) in [
        (&b"\x1b[?62;"[..], &b"4;22c"[..]),
        (b"\x1b[4;72", b"0;720t"),
        (b"\x1b[27;3;91~", b"?62;4c"),
        (b"\x1b[91;3u", b"6;18;9t"),
        (b"\x1b[<0;2", b"0;10M"),
        (b"\x1b]11;rgb:00", b"00/0000/0000\x1b\\"),
        (b"\x1bP>|ki", b"tty(0.48.2)\x1b\\"),
        (&bytes[..2_000], &bytes[2_000..]),
        (b"\x1b", b"[?62;4c"),
    ] {
        let typed = "hello, fox";
        let mut pieces = vec![head];
        pieces.extend(typed.as_bytes().chunks(1));
        pieces.push(rest);
        pieces.push(b" and you");
        let shown = head[..head.len().min(30)].escape_ascii();
        assert_eq!(text(&torn(&pieces)), "hello, fox and you", "{shown}");
    }
    // Nobody who hits such a key waits for his text.
    for key in [
        "\x1b[27;3;91~",
        "\x1b[91;3u",
        "\x1b[27;4;80~",
        "\x1b[93;3u",
        "\x1b",
    ] {
        for typed in ["Horses", "A cat", "12 cats", "Paint it", "[Paste]", "I", "6"] {
            let mut pieces = vec![key.as_bytes()];
            pieces.extend(typed.as_bytes().chunks(1));
            assert_eq!(text(&torn(&pieces)), typed, "{key:?}");
            assert_eq!(text(&torn(&[key.as_bytes(), typed.as_bytes()])), typed, "{key:?}");
        }
    }
}

#[test]
fn a_torn_character_is_one() {
    let fox = "🦊é";
    for cut in 1..fox.len() {
        let (head, rest) = fox.as_bytes().split_at(cut);
        assert_eq!(text(&torn(&[head, rest, b"q"])), "🦊éq", "torn at {cut}");
    }
    assert_eq!(text(&torn(&[&fox.as_bytes()[..2], b"q"])), "q");
}
