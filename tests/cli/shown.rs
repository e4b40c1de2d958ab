//! `tintype show` of the library: which picture a name means, and that its bytes are the protocol's.

use crate::house::{House, Said, said};

fn show(house: &House, args: &[&str]) -> Said {
    let mut all = vec!["show"];
    all.extend(args);
    said(&mut house.tintype(&all))
}

#[test]
fn a_turn_a_session_and_a_file_name_all_mean_the_picture() {
    let house = House::new();
    let made = said(&mut house.tintype(&["generate", "a red fox", "-q", "--json"]));
    let turn: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let text = |name: &str| turn[name].as_str().unwrap();
    let path = std::path::Path::new(turn["images"][0]["path"].as_str().unwrap());
    let (stem, file) = (path.file_stem().unwrap(), path.file_name().unwrap());
    let by_number = format!("{}/1", text("session"));
    let names = [
        &by_number,
        text("session"),
        text("turn"),
        stem.to_str().unwrap(),
        file.to_str().unwrap(),
        path.to_str().unwrap(),
    ];
    for name in names {
        let shown = show(&house, &[name, "--protocol", "sixel", "--width", "4"]);
        assert_eq!(shown.code, Some(0), "{name}: {}", shown.stderr);
        let sixel = memchr::memmem::find(&shown.stdout, b"\x1bP");
        assert!(sixel.is_some() && shown.stdout.ends_with(b"B"), "{name}");
    }
    let missing = format!("{}/7", text("session"));
    let shown = show(&house, &[&missing, "--protocol", "sixel"]);
    assert_eq!(shown.code, Some(2));
    assert!(shown.stderr.contains("has no turn 7"), "{}", shown.stderr);
}
