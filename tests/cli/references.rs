//! References and other files on the command line: named in every way, examined first, sent as they were then.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::house::{House, PROGRAM, Said, said};
use crate::photo::{exif, photograph, segment, upright};
use crate::server::Echo;

/// An answer with this image.
fn answer(mime: &str, bytes: &[u8]) -> Vec<u8> {
    let event = serde_json::json!({"candidates": [{"content": {"role": "model", "parts": [
        {"inlineData": {"mimeType": mime, "data": STANDARD.encode(bytes)}}]}, "finishReason": "STOP"}]});
    let body = format!("data: {event}\n\n");
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn image() -> Vec<u8> {
    photograph(&upright(60, 40), "png", 1)
}

/// The prompt and the images that the server was sent last.
fn sent(server: &Echo) -> (String, Vec<Vec<u8>>) {
    let request: Value = serde_json::from_slice(&server.last_call().body).unwrap();
    let parts = request["contents"][0]["parts"].as_array().unwrap().clone();
    let prompt = parts
        .iter()
        .find_map(|part| part["text"].as_str())
        .unwrap_or_default();
    let data = parts
        .iter()
        .filter_map(|part| part["inlineData"]["data"].as_str());
    let images = data.map(|data| STANDARD.decode(data).unwrap()).collect();
    (prompt.to_owned(), images)
}

/// `tintype generate` that asks this server, with arguments that need not be UTF-8.
fn generate(house: &House, server: &Echo, args: &[&OsStr]) -> Said {
    let mut command = house.tintype(&["generate", "-q", "--no-thoughts"]);
    command.env("TINTYPE_BASE_URL", &server.base_url).args(args);
    said(&mut command)
}

/// The same by a shell, which has `<(…)`.
fn by_shell(house: &House, server: &Echo, line: &str) -> Said {
    let mut command = house.program("bash");
    command
        .env("TINTYPE_BASE_URL", &server.base_url)
        .env("PROGRAM", PROGRAM)
        .args(["-c", line]);
    said(&mut command)
}

#[test]
fn the_size_of_a_result_is_that_of_the_upright_image() {
    for (kind, mime) in [
        ("jpg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
    ] {
        let (house, server) = (House::new(), Echo::start());
        let file = photograph(&upright(320, 180), kind, 6);
        server.answer_with(answer(mime, &file));
        let args = ["generate", "--json", "-a", "16:9", "a fox"];
        let mut command = house.tintype(&args);
        command.env("TINTYPE_BASE_URL", &server.base_url);
        let made = said(&mut command);
        let report: Value = serde_json::from_slice(&made.stdout).unwrap();
        let image = &report["images"][0];
        assert_eq!(
            (&image["width"], &image["height"]),
            (&320.into(), &180.into()),
            "{kind}"
        );
        assert!(!made.stderr.contains("ratio"), "{}", made.stderr);
        assert!(made.stderr.contains("320\u{d7}180"), "{}", made.stderr);
        let stored = std::fs::read(image["path"].as_str().unwrap()).unwrap();
        assert!(stored == file, "it is stored as it came");
    }
}

#[test]
fn a_file_is_found_however_it_is_named() {
    let (house, server) = (House::new(), Echo::start());
    server.answer_with(answer("image/png", &image()));
    let put = |folder: &Path, name: &[u8]| {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(OsStr::from_bytes(name)), image()).unwrap();
    };
    let work = house.work();
    put(&work, b"my fox (1).png");
    put(&work, "Shot at 3.04.05\u{202f}PM.png".as_bytes());
    put(&work, "cafe\u{301}.png".as_bytes());
    put(&work, b"caf\xe9 noir.png");
    put(&house.home(), b"home.png");
    symlink("my fox (1).png", work.join("link.png")).unwrap();
    let base = work.to_str().unwrap();
    let names: Vec<Vec<u8>> = vec![
        b"my fox (1).png".to_vec(),
        b"my\\ fox\\ \\(1\\).png".to_vec(),
        b"'my fox (1).png'".to_vec(),
        b"\"my fox (1).png\"".to_vec(),
        format!("{base}/my fox (1).png").into_bytes(),
        format!("'{base}/my fox (1).png' ").into_bytes(),
        format!("file://{base}/my%20fox%20(1).png").into_bytes(),
        format!("file://localhost{base}/my%20fox%20%281%29.png").into_bytes(),
        "Shot at 3.04.05\u{202f}PM.png".as_bytes().to_vec(),
        b"Shot at 3.04.05 PM.png".to_vec(),
        "Shot\\ at\\ 3.04.05\u{202f}PM.png".as_bytes().to_vec(),
        "Shot\\ at\\ 3.04.05\\\u{202f}PM.png".as_bytes().to_vec(),
        "caf\u{e9}.png".as_bytes().to_vec(),
        "cafe\u{301}.png".as_bytes().to_vec(),
        b"caf\xe9 noir.png".to_vec(),
        format!("file://{base}/caf%E9%20noir.png").into_bytes(),
        "caf\u{fffd} noir.png".as_bytes().to_vec(),
        b"~/home.png".to_vec(),
        b"link.png".to_vec(),
    ];
    let mut args: Vec<&OsStr> = vec!["like these".as_ref()];
    // As many as a model takes, at a time.
    for names in names.chunks(10) {
        args.truncate(1);
        for name in names {
            args.extend([OsStr::new("-i"), OsStr::from_bytes(name)]);
        }
        let said = generate(&house, &server, &args);
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        let (_, images) = sent(&server);
        assert_eq!(images.len(), names.len());
    }
    for name in &names {
        let mut command = house.tintype(&["show", "--protocol", "halfblocks", "--width", "10"]);
        let shown = said(command.arg(OsStr::from_bytes(name)));
        let name = String::from_utf8_lossy(name);
        assert_eq!(shown.code, Some(0), "{name}: {}", shown.stderr);
        assert!(String::from_utf8_lossy(&shown.stdout).contains('\u{2580}') || !shown.stdout.is_empty());
    }
}

#[test]
fn a_prompt_file_is_found_in_the_same_ways() {
    let (house, server) = (House::new(), Echo::start());
    server.answer_with(answer("image/png", &image()));
    let work = house.work();
    std::fs::write(work.join("my pro\u{308}mpt.txt"), "a fox in a file").unwrap();
    let url = format!("file://{}/my%20pr%C3%B6mpt.txt", work.display());
    for name in ["'my pr\u{f6}mpt.txt'", "my\\ pr\u{f6}mpt.txt", &url] {
        let said = generate(&house, &server, &["-f".as_ref(), name.as_ref()]);
        assert_eq!(said.code, Some(0), "{name}: {}", said.stderr);
        assert_eq!(sent(&server).0, "a fox in a file");
    }
    let line = r#""$PROGRAM" generate -q -f <(printf 'a fox in a pipe')"#;
    assert_eq!(by_shell(&house, &server, line).code, Some(0));
    assert_eq!(sent(&server).0, "a fox in a pipe");
}

#[test]
fn what_comes_out_of_a_pipe_is_sent_and_shown() {
    let (house, server) = (House::new(), Echo::start());
    server.answer_with(answer("image/png", &image()));
    std::fs::write(house.work().join("one.png"), image()).unwrap();
    let other = photograph(&upright(30, 50), "png", 1);
    std::fs::write(house.work().join("two.png"), other).unwrap();
    for line in [
        r#""$PROGRAM" generate -q -i <(cat one.png) -i <(cat two.png) 'like these'"#,
        r#""$PROGRAM" generate -q -i /dev/stdin -i <(cat two.png) 'like these' < one.png"#,
        r#"cat one.png | "$PROGRAM" generate -q -i /dev/fd/0 -i two.png 'like these'"#,
        r#"cat one.png | "$PROGRAM" generate -q -i - -i two.png 'like these'"#,
    ] {
        let said = by_shell(&house, &server, line);
        assert_eq!(said.code, Some(0), "{line}: {}", said.stderr);
        let sizes: Vec<_> = sent(&server)
            .1
            .iter()
            .map(|image| tintype::graphics::dimensions(image).unwrap())
            .collect();
        assert_eq!(sizes, [(60, 40), (30, 50)], "{line}");
    }
    for line in [
        r#""$PROGRAM" show --protocol halfblocks <(cat one.png)"#,
        r#""$PROGRAM" show --protocol halfblocks /dev/stdin < one.png"#,
        r#"cat one.png | "$PROGRAM" show --protocol halfblocks -"#,
    ] {
        let said = by_shell(&house, &server, line);
        assert_eq!(
            (said.code, said.stdout.is_empty()),
            (Some(0), false),
            "{line}: {}",
            said.stderr
        );
    }
    let twice = r#""$PROGRAM" generate -q -i - -i /dev/stdin 'like these' < one.png"#;
    assert_eq!(by_shell(&house, &server, twice).code, Some(2));
}

#[test]
fn what_cannot_be_used_is_refused_before_anything_is_sent() {
    let house = House::new();
    let put = |name: &str, bytes: &[u8]| std::fs::write(house.work().join(name), bytes).unwrap();
    for kind in ["png", "jpg", "webp"] {
        let file = photograph(&upright(160, 100), kind, 1);
        put(&format!("cut.{kind}"), &file[..file.len() / 2]);
    }
    symlink("nowhere.png", house.work().join("dangling.png")).unwrap();
    for (name, why) in [
        (
            "cut.png",
            "The reference cut.png cannot be used: it breaks off: its end is missing",
        ),
        (
            "cut.jpg",
            "The reference cut.jpg cannot be used: it breaks off: its end is missing",
        ),
        (
            "cut.webp",
            "The reference cut.webp cannot be used: it breaks off: its end is missing",
        ),
        ("notes.txt", "The reference notes.txt is not an image"),
        ("dangling.png", "it is a link to nowhere.png, which is not there"),
    ] {
        let said = house.run(&["generate", "a fox", "-i", name]);
        assert_eq!(said.code, Some(2), "{name}");
        assert!(said.stderr.contains(why), "{}", said.stderr);
        assert!(said.stderr.contains("nothing was sent"), "{}", said.stderr);
    }
    let link = "it is a link to nowhere.png, which is not there";
    for args in [
        &["show", "--protocol", "halfblocks", "dangling.png"][..],
        &["generate", "-f", "dangling.png"],
        &["generate", "--tools", "@dangling.png", "a fox"],
    ] {
        let said = house.run(args);
        assert_eq!(said.code, Some(2), "{args:?}");
        assert!(said.stderr.contains(link), "{args:?}: {}", said.stderr);
    }
    assert_eq!(house.server.calls(), 0);
}

#[test]
fn metadata_stays_at_home_and_that_is_said_unless_it_is_wanted() {
    let (house, server) = (House::new(), Echo::start());
    server.answer_with(answer("image/png", &image()));
    let mut file = photograph(&upright(320, 200), "jpg", 1);
    let own = segment(0xe1, &[b"Exif\0\0", &exif(1)[..]].concat());
    file.splice(2..2 + own.len(), segment(0xfe, b"by Jane Doe at 48.85 N"));
    std::fs::write(house.work().join("gps.jpg"), &file).unwrap();
    let has_it = |server: &Echo| {
        let (_, images) = sent(server);
        memchr::memmem::find(&images[0], b"Jane Doe").is_some()
    };
    let run = |more: &[&str]| {
        let mut command = house.tintype(&["generate", "a fox", "-i", "gps.jpg"]);
        said(command.env("TINTYPE_BASE_URL", &server.base_url).args(more))
    };
    let line = "gps.jpg is sent without its texts";
    let by_itself = run(&[]);
    assert_eq!(by_itself.stderr.matches(line).count(), 1, "{}", by_itself.stderr);
    assert!(!has_it(&server));
    // It is no progress but a change to what is sent, so -q does not hide it; several copies say it once.
    for more in [&["-q"][..], &["-n", "3"], &["-q", "-n", "3"]] {
        let made = run(more);
        assert_eq!(made.stderr.matches(line).count(), 1, "{more:?}: {}", made.stderr);
        assert!(!has_it(&server));
    }
    let json: Value = serde_json::from_slice(&run(&["--json"]).stdout).unwrap();
    assert_eq!(json["warnings"][0], line, "{json}");
    let kept = run(&["--keep-metadata"]);
    assert!(!kept.stderr.contains(line) && has_it(&server), "{}", kept.stderr);
    std::fs::write(house.work().join("keep.toml"), "keep_metadata = true\n").unwrap();
    assert!(!run(&["--config", "keep.toml"]).stderr.contains(line) && has_it(&server));
    let dry = run(&["--dry-run"]);
    assert!(dry.stderr.contains(line), "{}", dry.stderr);
}

#[test]
fn the_demo_takes_photographs_of_every_type() {
    let house = House::new();
    for kind in ["jpg", "png", "webp", "tiff"] {
        let name = format!("lying.{kind}");
        std::fs::write(house.work().join(&name), photograph(&upright(330, 220), kind, 6)).unwrap();
        let report = house.json(&["generate", "--json", "-q", "make it night", "-i", &name]);
        assert_eq!(report["status"], "finished", "{kind}");
        // Where no ratio is asked for, it is that of the reference.
        let image = &report["images"][0];
        let (width, height) = (
            image["width"].as_u64().unwrap(),
            image["height"].as_u64().unwrap(),
        );
        assert!(width > height, "{kind}: {width}\u{d7}{height}");
    }
}
