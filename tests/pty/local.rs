//! What the terminal does for its user beside showing: sent where it is understood, and never elsewhere.

use std::path::Path;
use std::time::Duration;

use memchr::memmem;
use tintype::graphics::{Pixmap, near_lossless};

use crate::home;
use crate::terminal::{Like, Start, Terminal};

const READY: &str = "#1 · 1024×1024 png";
const RICH: &str = "\x1b[?5522;2$y";
const BEGUN: &str = "\x1b]9;4;3;0\x1b\\";
const OVER: &str = "\x1b]9;4;0;0\x1b\\";

fn has(terminal: &Terminal, bytes: &str) -> bool {
    memmem::find(&terminal.raw(), bytes.as_bytes()).is_some()
}

fn quit(terminal: &mut Terminal) {
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
}

#[test]
fn kitty_shows_progress_and_says_when_it_ended() {
    let home = home();
    let mut terminal = Start::new(home.path()).like(Like::Kitty).demo("0").run();
    terminal.wait_start();
    terminal.keys("\x1b[O");
    terminal.send("a lighthouse");
    terminal.wait_bytes(0, "\x1b]99;i=tintype:d=0:p=title;tintype\x1b\\");
    terminal.wait_bytes(0, "\x1b]99;i=tintype:d=1:p=body;Ready: a lighthouse\x1b\\");
    terminal.wait_text(READY);
    terminal.wait_bytes(0, BEGUN);
    terminal.wait_bytes(0, OVER);
    // Who looks is not told.
    terminal.keys("\x1b[I");
    let before = terminal.written();
    terminal.send("a harbour");
    terminal.wait_text("#2 · 1024×1024 png");
    terminal.keys("\x1b[113;5u");
    assert_eq!(terminal.exit(), 0);
    assert!(memmem::find(&terminal.since(before), b"]99;i=tintype").is_none());
}

#[test]
fn progress_is_taken_back_by_whoever_leaves_in_the_middle() {
    let home = home();
    let mut terminal = Start::new(home.path()).like(Like::Kitty).demo("1").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_bytes(0, BEGUN);
    terminal.signal(rustix::process::Signal::TERM);
    terminal.exit();
    terminal.wait_restored();
    let raw = terminal.raw();
    let over = memmem::rfind(&raw, OVER.as_bytes()).expect("it would turn for ever");
    assert!(over < memmem::rfind(&raw, b"\x1b[?1049l").unwrap());
}

#[test]
fn others_get_nothing_that_they_would_print() {
    let home = home();
    let mut terminal = Start::new(home.path()).like(Like::Konsole).demo("0").run();
    terminal.wait_start();
    terminal.keys("\x1b[O");
    terminal.send("a lighthouse");
    terminal.wait_text(READY);
    terminal.keys("\t\tD");
    terminal.wait_text("it is on this machine");
    terminal.keys("\x16");
    terminal.wait_text("hands over no pictures");
    quit(&mut terminal);
    for sequence in [
        "]99;i=tintype",
        "]9;",
        "]777;",
        "]5522;",
        "[?5522h",
        "]1337;File",
        "]1337;Multi",
    ] {
        assert!(!has(&terminal, sequence), "{sequence}");
    }
    assert!(has(&terminal, "\x07"), "the bell rings everywhere");
}

#[test]
fn nothing_is_said_or_shown_where_the_settings_forbid_it() {
    let home = home();
    let config = home.path().join("quiet.toml");
    std::fs::write(&config, "notify = false\nprogress = false\n").unwrap();
    let config = config.to_str().unwrap();
    let mut terminal = Start::new(home.path())
        .like(Like::Kitty)
        .demo("0")
        .args(&["--config", config])
        .run();
    terminal.wait_start();
    terminal.keys("\x1b[O");
    terminal.send("a lighthouse");
    terminal.wait_text(READY);
    terminal.keys("\x1b[113;5u");
    assert_eq!(terminal.exit(), 0);
    for sequence in ["]99;i=tintype", "]9;4", "\x07"] {
        assert!(!has(&terminal, sequence), "{sequence}");
    }
}

#[test]
fn the_picture_itself_is_copied_where_the_clipboard_takes_it_and_else_its_path() {
    let home = home();
    let mut terminal = Start::new(home.path()).like(Like::Kitty).demo("0").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text(READY);
    terminal.keys("\t\ty");
    terminal.wait_bytes(0, "\x1b]52;c;");
    terminal.wait_text("copied the path");
    assert!(!has(&terminal, "[?5522h"));
    terminal.keys(RICH);
    terminal.wait_bytes(0, "\x1b[?5522h");
    let before = terminal.written();
    terminal.keys("y");
    terminal.wait_bytes(before, "\x1b]5522;type=write\x1b\\");
    terminal.wait_bytes(before, "\x1b]5522;type=wdata:mime=aW1hZ2UvcG5n;");
    terminal.wait_bytes(before, "\x1b]5522;type=wdata\x1b\\");
    terminal.keys("\x1b]5522;type=write:status=DONE\x1b\\");
    terminal.wait_text("copied the picture");
    terminal.keys("\x1b[113;5u");
    assert_eq!(terminal.exit(), 0);
    let raw = terminal.raw();
    let off = memmem::rfind(&raw, b"\x1b[?5522l").expect("pastes would stay events");
    assert!(off < memmem::rfind(&raw, b"\x1b[?1049l").unwrap());
}

/// The demo in a kitty that has told of its clipboard.
fn rich(home: &Path) -> Terminal {
    let terminal = Start::new(home).like(Like::Kitty).demo("0").run();
    terminal.wait_start();
    terminal.keys(RICH);
    terminal.wait_bytes(0, "\x1b[?5522h");
    terminal
}

fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// The bytes of the first reference that was kept.
fn kept_reference(home: &Path) -> Vec<u8> {
    let folder = home.join(".local/share/tintype/references");
    let first = std::fs::read_dir(folder).unwrap().next().unwrap();
    std::fs::read(first.unwrap().path()).unwrap()
}

#[test]
fn a_pasted_picture_becomes_a_reference_and_pasted_text_stays_text() {
    let home = home();
    let terminal = rich(home.path());
    let event = |kind: &str| {
        format!(
            "\x1b]5522;type=read:status=OK:pw=cHc=\x1b\\\x1b]5522;type=read:status=DATA:mime={}\x1b\\\x1b]5522;type=read:status=DONE\x1b\\",
            base64(kind.as_bytes())
        )
    };
    let answer = |kind: &str, bytes: &[u8]| {
        format!(
            "\x1b]5522;type=read:status=OK\x1b\\\x1b]5522;type=read:status=DATA:mime={};{}\x1b\\\x1b]5522;type=read:status=DONE\x1b\\",
            base64(kind.as_bytes()),
            base64(bytes)
        )
    };
    terminal.keys(&event("text/plain"));
    terminal.wait_bytes(
        0,
        "\x1b]5522;type=read:pw=cHc=:name=UGFzdGUgZXZlbnQ=;dGV4dC9wbGFpbg==\x1b\\",
    );
    terminal.keys(&answer("text/plain", b"a lighthouse at dusk"));
    terminal.wait_text("a lighthouse at dusk");
    terminal.keys(&event("image/png"));
    terminal.wait_bytes(
        0,
        "\x1b]5522;type=read:pw=cHc=:name=UGFzdGUgZXZlbnQ=;aW1hZ2UvcG5n\x1b\\",
    );
    let png = near_lossless::encode(&Pixmap::filled(8, 8, [200, 30, 30]), 1);
    terminal.keys(&answer("image/png", &png));
    terminal.wait_text("1 reference");
    assert_eq!(kept_reference(home.path()), png);
}

#[test]
fn a_picture_that_comes_in_torn_pieces_is_whole_and_one_that_lacks_a_piece_is_refused() {
    let home = home();
    let terminal = rich(home.path());
    let mut seed = 1_u32;
    let noise = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    });
    let noise = Pixmap::from_rgb(120, 120, noise.take(120 * 120 * 3).collect()).unwrap();
    let png = near_lossless::encode(&noise, 1);
    let piece = |bytes: &[u8]| {
        let kind = base64(b"image/png");
        format!(
            "\x1b]5522;type=read:status=DATA:mime={kind};{}\x1b\\",
            base64(bytes)
        )
    };
    let packets: Vec<_> = png.chunks(4096).map(piece).collect();
    assert!(packets.len() > 5);
    let [ok, done] = ["OK", "DONE"].map(|status| format!("\x1b]5522;type=read:status={status}\x1b\\"));

    terminal.keys("\x16");
    terminal.wait_text("asking for the picture");
    // As tmux cuts what it passes on: between the ESC and what it introduces, and where its buffer ends.
    terminal.keys(&format!("{ok}\x1b"));
    for packet in &packets {
        std::thread::sleep(Duration::from_millis(80));
        let (head, rest) = packet.split_at(packet.len() / 2);
        terminal.keys(&head[1..]);
        terminal.keys(&format!("{rest}\x1b"));
    }
    std::thread::sleep(Duration::from_millis(80));
    terminal.keys(&done[1..]);
    terminal.wait_text("1 reference");
    assert_eq!(kept_reference(home.path()), png);
    assert!(
        terminal.screen().contains("Describe a picture"),
        "nothing was typed"
    );

    terminal.keys("\x16");
    let all = packets.iter().enumerate();
    let without = all.filter_map(|(at, packet)| (at != 2).then_some(&**packet));
    terminal.keys(&format!("{ok}{}{done}", without.collect::<String>()));
    terminal.wait_text("The image on the clipboard cannot be used");
}

#[test]
fn iterm2_gets_the_file_and_its_user_is_asked() {
    let home = home();
    let mut terminal = Start::new(home.path())
        .demo("0")
        .env("LC_TERMINAL", "iTerm2")
        .run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text("#1 · ");
    terminal.wait("the end", |screen| screen.contains("1024×1024 png"));
    terminal.keys("\t\tD");
    terminal.wait_bytes(0, "\x1b]1337;File=name=");
    terminal.wait_bytes(0, ";inline=0:");
    quit(&mut terminal);
}

/// What `generate` printed on a terminal of this name, where this variable is set.
fn generated(term: &str, more: &[&str], inside: &'static str) -> (String, String) {
    let home = home();
    std::fs::write(home.path().join("plain.toml"), "links = false\n").unwrap();
    let mut start = Start::new(home.path()).demo("0").env("TERM", term);
    if !inside.is_empty() {
        start = start.env(inside, "1");
    }
    let mut terminal = start.args(&["generate", "a lighthouse"]).args(more).run();
    assert_eq!(terminal.exit(), 0);
    (String::from_utf8(terminal.raw()).unwrap(), terminal.screen())
}

#[test]
fn a_saved_path_is_a_link_where_the_terminal_is_known_to_have_them() {
    let (raw, screen) = generated("xterm-kitty", &[], "");
    let host = rustix::system::uname().nodename().to_str().unwrap().to_owned();
    let (_, link) = raw
        .split_once(&format!("\x1b]8;;file://{host}/"))
        .expect("there is no link");
    let (address, rest) = link.split_once("\x1b\\").unwrap();
    let (text, _) = rest.split_once("\x1b]8;;\x1b\\").expect("it would never end");
    assert_eq!(text, format!("/{address}"), "nothing in it has to be escaped");
    assert!(text.contains("/.local/share/tintype/images/"), "{text}");
    let screen: String = screen.lines().collect();
    assert!(screen.contains(text), "{screen}");
    // What `-o` names is a link to where it is, and reads as it was typed.
    let (raw, _) = generated("foot-extra", &["-o", "a b.png"], "");
    assert!(raw.contains("/a%20b.png\x1b\\a b.png\x1b]8;;\x1b\\"), "{raw:?}");
}

#[test]
fn no_link_is_printed_where_it_might_be_read_as_text() {
    let plain: [(&str, &[&str], &str); 5] = [
        ("xterm-256color", &[], ""),
        ("tmux-256color", &[], ""),
        ("xterm-kitty", &[], "TMUX"),
        ("xterm-kitty", &[], "STY"),
        ("xterm-kitty", &["--config", "plain.toml"], ""),
    ];
    for (term, more, inside) in plain {
        let (raw, screen) = generated(term, more, inside);
        assert!(!raw.contains("\x1b]8;"), "{term} {more:?} {inside}");
        assert!(screen.contains(".png"), "{screen}");
    }
}

#[test]
fn the_doctor_s_paths_are_links_where_the_terminal_says_who_it_is() {
    for (like, more, links) in [
        (Like::Kitty, &["doctor"][..], true),
        (Like::Silent, &["doctor"], false),
        (Like::Kitty, &["doctor", "--config", "plain.toml"], false),
        (Like::Kitty, &["doctor", "--json"], false),
    ] {
        let home = home();
        std::fs::write(home.path().join("plain.toml"), "links = false\n").unwrap();
        let mut terminal = Start::new(home.path()).like(like).args(more).run();
        terminal.exit();
        let raw = terminal.raw();
        let data = "/.local/share/tintype\x1b\\";
        assert_eq!(memmem::find(&raw, data.as_bytes()).is_some(), links, "{more:?}");
        assert_eq!(memmem::find(&raw, b"\x1b]8;;").is_some(), links, "{more:?}");
    }
}
