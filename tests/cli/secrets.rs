//! A key never comes out again, whatever the server does with it.

use crate::house::{House, png, said};
use crate::server::Echo;
use base64::Engine as _;
use tintype::domain::{Secret, Spellings};

pub(crate) const KEY: &str = "sk-test-4f8a2c9d7e";

/// Answers that repeat the key, each a whole response.
pub(crate) fn answers() -> Vec<(&'static str, String)> {
    repeating(KEY)
}

/// Answers that repeat this, in the places of a response that can hold it.
fn repeating(key: &str) -> Vec<(&'static str, String)> {
    let json = |status: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-request-id: {key}\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        )
    };
    let stream = |events: &[String]| {
        let body = format!("data: {}\n\n", events.join("\n\ndata: "));
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}")
    };
    let parts = |parts: &str, rest: &str| {
        format!("{{\"candidates\":[{{\"content\":{{\"parts\":[{parts}]}}{rest}}}]}}")
    };
    let thought = parts(
        &format!("{{\"text\":\"thinking of {key}\",\"thought\":true}}"),
        "",
    );
    let words = parts(&format!("{{\"text\":\"your key is {key}\"}}"), "");
    let picture = base64::engine::general_purpose::STANDARD.encode(png());
    let picture = parts(
        &format!("{{\"inlineData\":{{\"mimeType\":\"image/png\",\"data\":\"{picture}\"}}}}"),
        "",
    );
    let refused = parts(
        "",
        &format!(",\"finishReason\":\"IMAGE_SAFETY\",\"finishMessage\":\"not for {key}\""),
    );
    let broken = format!("{{\"error\":{{\"code\":500,\"message\":\"upstream refused {key}\"}}}}");
    vec![
        (
            "a refusal",
            json(
                "401 Unauthorized",
                &format!("{{\"error\":{{\"message\":\"bad key {key}\"}}}}"),
            ),
        ),
        (
            "a fault",
            json("500 Internal Server Error", &format!("key={key} crashed us")),
        ),
        ("no answer of the API", json("200 OK", &format!("hello {key}"))),
        (
            "a web page",
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<title>{key}</title>"
            ),
        ),
        (
            "a redirect",
            format!(
                "HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/?key={key}\r\ncontent-length: 0\r\n\r\n"
            ),
        ),
        ("an error in the stream", stream(&[thought.clone(), broken])),
        ("words only", stream(&[thought.clone(), words.clone()])),
        ("a withheld picture", stream(&[thought.clone(), refused])),
        ("a picture", stream(&[thought, words, picture])),
    ]
}

#[test]
fn a_key_is_in_nothing_that_is_printed_or_written() {
    for (provider, variable) in [
        ("anyfast", "ANYFAST_API_KEY"),
        ("google", "GEMINI_API_KEY"),
        ("tokaify", "TOKAIFY_API_KEY"),
    ] {
        let house = House::new();
        let server = Echo::start();
        for (what, answer) in answers() {
            server.answer_with(answer);
            for json in [&["--json"][..], &[]] {
                let mut command = house.tintype(&[
                    "-p",
                    provider,
                    "--base-url",
                    &server.base_url,
                    "generate",
                    "a fox",
                ]);
                let said = said(command.args(json).env(variable, KEY));
                assert!(server.head().contains(KEY), "{what}: the key was sent");
                let printed = format!("{}{}", String::from_utf8_lossy(&said.stdout), said.stderr);
                assert!(!printed.contains(KEY), "{provider}, {what}:\n{printed}");
                assert_eq!(
                    said.code == Some(0),
                    what == "a picture",
                    "{provider}, {what}:\n{printed}"
                );
            }
        }
        assert!(house.files().len() > 2, "there is something to look at");
        for (path, bytes) in house.files() {
            let found = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
            assert!(!found, "{provider}: {} holds the key", path.display());
        }
    }
}

#[test]
fn a_key_is_in_nothing_in_whatever_spelling_and_pieces_it_comes_back() {
    let key = "sk-Test/4f8a2c+9d7e==";
    let every = |form: &dyn Fn(char) -> String| key.chars().map(form).collect::<String>();
    let spelled = [
        key.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"),
        key.replace('/', "%2f").replace('+', "%2b").replace('=', "%3d"),
        key.replace('/', r"\/")
            .replace('+', r"\u002b")
            .replace('=', r"\u003D"),
        every(&|letter| format!("\\u{:04x}", u32::from(letter))),
        every(&|letter| format!("%{:02X}", u32::from(letter))),
        key.replace('+', "&#43;").replace('=', "&#x3D;"),
    ];
    let spellings = Spellings::of(&Secret::new(key).into()).unwrap();
    let is_in = |bytes: &[u8]| spellings.redacted_where_whole(bytes).is_some();
    let house = House::new();
    let server = Echo::start();
    let generate = |what: &str, answer: String, args: &[&str]| {
        server.answer_with(answer);
        let mut command = house.tintype(&[
            "-p",
            "anyfast",
            "--base-url",
            &server.base_url,
            "generate",
            "a fox",
        ]);
        let said = said(command.args(args).env("ANYFAST_API_KEY", key));
        server.head();
        let printed = format!("{}{}", String::from_utf8_lossy(&said.stdout), said.stderr);
        assert!(!is_in(printed.as_bytes()), "{what}:\n{printed}");
        printed
    };
    let mut args = [&["--json"][..], &["--events"], &["-v"]].into_iter().cycle();
    for spelled in &spelled {
        for (what, answer) in repeating(spelled) {
            // What goes into a header is spelled as headers can be.
            let answer = answer.replacen(&format!("x-request-id: {spelled}"), "x-request-id: 1", 1);
            generate(what, answer, args.next().unwrap());
        }
    }
    // In two events, and in a text that leaves its event.
    let thought = |text: &str| {
        format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\",\"thought\":true}}]}}}}]}}\n\n"
        )
    };
    let stream = |body: &str| {
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}")
    };
    for at in (1..key.len()).step_by(3) {
        let (left, right) = key.split_at(at);
        let answer = stream(
            &[
                thought(&format!("it is {left}")),
                thought(&format!("{right}, well")),
            ]
            .concat(),
        );
        let printed = generate("two events", answer, &["--events"]);
        // As a reader of the events puts them together.
        let told = printed
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let told: String = told
            .filter_map(|event| Some(event["text"].as_str()?.to_owned()))
            .collect();
        assert!(told.ends_with("***, well") && !is_in(told.as_bytes()), "{told}");
    }
    let filler = "The fox looks at the moon. ".repeat(2600);
    let answer = stream(&thought(&format!("{filler}{key}{filler}")));
    generate("a long text", answer, &["--events"]);
    for (path, bytes) in house.files() {
        assert!(!is_in(&bytes), "{} holds the key", path.display());
    }
    let listed = house.json(&["sessions", "list", "--json"]);
    for session in listed.as_array().unwrap() {
        let id = session["id"].as_str().unwrap();
        let shown = house.run(&["sessions", "show", id, "--full", "--json"]);
        assert!(!is_in(&shown.stdout), "{id}");
    }
}

#[test]
fn a_dry_run_shows_the_request_without_a_key_or_its_place() {
    let house = House::new();
    let args = [
        "-p",
        "anyfast",
        "--base-url",
        "https://www.anyfast.ai",
        "generate",
        "a fox",
        "--dry-run",
    ];
    let with = said(house.tintype(&args).env("ANYFAST_API_KEY", KEY));
    let without = house.run(&args);
    assert_eq!(
        (with.code, without.code),
        (Some(0), Some(0)),
        "{}",
        without.stderr
    );
    assert_eq!((with.stdout, &with.stderr), (without.stdout, &without.stderr));
    assert!(!with.stderr.contains("key="), "{}", with.stderr);
}

/// The token in the query of a base address, as a gateway wants it.
const TOKEN: &str = "gw-token-91c7e40b";

#[test]
fn the_query_of_an_address_goes_along_and_is_in_nothing_that_is_printed_or_written() {
    let house = House::new();
    let server = Echo::start();
    let base = format!("{}/gw?token={TOKEN}&alt=json#top", server.base_url);
    let mut all: Vec<(&str, String)> = answers();
    for (_, answer) in &mut all {
        *answer = answer.replace(KEY, &format!("/gw/v1beta/models?alt=sse&token={TOKEN}"));
    }
    for (what, answer) in all {
        server.answer_with(answer);
        let args = ["-p", "google", "--base-url", &base, "generate", "a fox", "-v"];
        let said = said(house.tintype(&args).env("GEMINI_API_KEY", KEY));
        let head = server.head();
        let path =
            format!("/gw/v1beta/models/gemini-nano-banana-2.1:streamGenerateContent?alt=sse&token={TOKEN} ");
        assert!(head.contains(&path), "{what}: {head}");
        let printed = format!("{}{}", String::from_utf8_lossy(&said.stdout), said.stderr);
        assert!(!printed.contains(TOKEN), "{what}:\n{printed}");
    }
    for args in [
        &["providers"][..],
        &["providers", "--json"],
        &["config", "show"],
        &["config", "show", "--json"],
        &["doctor"],
        &["generate", "a fox", "--dry-run"],
    ] {
        let mut command = house.tintype(&["-p", "google"]);
        let said = said(command.args(args).env("TINTYPE_BASE_URL", &base));
        let printed = format!("{}{}", String::from_utf8_lossy(&said.stdout), said.stderr);
        assert!(!printed.contains(TOKEN), "{args:?}:\n{printed}");
        let is_shown = printed.contains("/gw?***") || printed.contains("streamGenerateContent?alt=sse&***");
        assert!(is_shown || args == ["doctor"], "{args:?}:\n{printed}");
    }
    for (path, bytes) in house.files() {
        let found = bytes
            .windows(TOKEN.len())
            .any(|window| window == TOKEN.as_bytes());
        assert!(!found, "{} holds the token", path.display());
    }
}

#[test]
fn an_address_that_is_refused_is_told_without_what_may_be_secret() {
    let house = House::new();
    for base in [
        format!("ftp://relay.test?token={TOKEN}"),
        format!("https://{TOKEN}@relay.test"),
        format!("https://{TOKEN}:x@relay.test/a"),
        format!("https://?token={TOKEN}"),
        format!("https://relay.test/?token={TOKEN} b"),
        format!("http://relay.test?token={TOKEN}"),
    ] {
        let said = house.run(&[
            "-p",
            "google",
            "--base-url",
            &base,
            "generate",
            "a fox",
            "--dry-run",
        ]);
        assert_eq!(said.code, Some(2), "{base}");
        assert!(!said.stderr.contains(TOKEN), "{}", said.stderr);
    }
}

#[test]
fn a_key_in_a_wrapping_is_sent_without_it_and_that_is_said() {
    let (house, echo) = (House::new(), Echo::start());
    echo.answer_with("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let wrapped = format!("\u{feff}\"Bearer {KEY}\"");
    let run = |args: &[&str]| {
        let mut command = house.tintype(args);
        command
            .env("TINTYPE_PROVIDER", "tokaify")
            .env("TINTYPE_BASE_URL", &echo.base_url)
            .env("TOKAIFY_API_KEY", &wrapped);
        said(&mut command)
    };
    let told = run(&["generate", "a fox"]);
    let head = echo.head().to_lowercase();
    let line = format!("authorization: bearer {KEY}");
    assert!(head.lines().any(|sent| sent == line), "{head}");
    let note = "The key from TOKAIFY_API_KEY is used without what was around it: characters that cannot be seen, quotes";
    assert!(told.stderr.replace('\n', " ").contains(note), "{}", told.stderr);
    assert!(!told.stderr.contains(KEY), "{}", told.stderr);
    let listed = run(&["providers", "-p", "tokaify"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(
        listed.contains("without what was around it") && !listed.contains(KEY),
        "{listed}"
    );
}
