//! References in the terminal UI: files that are dropped on it, taken in before they vanish.

use base64::Engine as _;
use memchr::memmem;
use tintype::graphics::dimensions;

use crate::home;
use crate::photo::{exif, photograph, segment, upright};
use crate::provider::Provider;
use crate::terminal::Like;

fn pasted(text: &str) -> String {
    format!("\x1b[200~{text}\x1b[201~")
}

#[test]
fn a_dropped_screenshot_is_sent_as_it_was_shown_although_it_is_gone() {
    let home = home();
    let mut file = photograph(&upright(320, 200), "jpg", 6);
    let own = segment(0xe1, &[b"Exif\0\0", &exif(6)[..]].concat());
    file.splice(2 + own.len()..2 + own.len(), segment(0xfe, b"by Jane Doe"));
    let path = home.path().join("Shot at 3.04.05\u{202f}PM.jpg");
    std::fs::write(&path, &file).unwrap();
    let mut provider = Provider::new();
    let mut terminal = provider.client(home.path()).like(Like::Kitty).run();
    terminal.wait_start();
    // Its terminal escapes what a shell would part, and something on the way has made the narrow space a plain one.
    let shown = path
        .to_str()
        .unwrap()
        .replace(' ', "\\ ")
        .replace('\u{202f}', " ");
    terminal.keys(&pasted(&shown));
    terminal.wait_text("[1] Shot at 3.04.05");
    terminal.wait_text("was turned upright");
    terminal.wait_text("sent without its texts");
    std::fs::write(&path, b"something else").unwrap();
    std::fs::remove_file(&path).unwrap();
    terminal.send("make it night");
    let call = provider.take();
    let parts = call.json()["contents"][0]["parts"].clone();
    let data = parts[1]["inlineData"]["data"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
    assert_eq!(dimensions(&bytes), Some((320, 200)));
    assert!(memmem::find(&bytes, b"Jane Doe").is_none());
    provider.answer_whole(call);
    terminal.wait_text("#1 · 320×200");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
}

#[test]
fn what_cannot_be_used_is_said_when_it_is_attached() {
    let home = home();
    let file = photograph(&upright(320, 200), "png", 1);
    let path = home.path().join("cut.png");
    std::fs::write(&path, &file[..file.len() / 2]).unwrap();
    let provider = Provider::new();
    let mut terminal = provider.client(home.path()).like(Like::Kitty).run();
    terminal.wait_start();
    terminal.keys(&pasted(path.to_str().unwrap()));
    terminal.wait_text("its end is missing");
    assert!(!terminal.screen().contains("[1] "), "{}", terminal.screen());
    terminal.keys("\x15");
    // The same by its name in the picker.
    terminal.keys("\x06");
    terminal.wait_text("Attach a picture");
    terminal.keys("cut.png\r");
    terminal.wait("the reason", |screen| {
        screen.matches("its end is missing").count() == 1
    });
    assert!(!terminal.screen().contains("[1] "), "{}", terminal.screen());
    terminal.keys("\x1b");
    terminal.wait("the error dismissed", |screen| !screen.contains("dismisses it"));
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
}
