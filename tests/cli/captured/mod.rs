//! Requests to each provider and model for each feature, caught by a server, held against the documents
//! and written down in `captured.txt`. `TINTYPE_UPDATE=1 cargo test --test cli` writes the file anew.
//!
//! The providers and models are those of the protocol reference, and the answers are its example exchanges.

mod documents;
mod features;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use tintype::provider::capability;

use crate::house::{House, png, said};
use crate::server::{Call, Echo};
use documents::{Carrier, Model, Provider};

const KEY: &str = "sk-captured-5d20";

const HEADING: &str = "\
# Requests as they arrive at a server, by provider and model, written by mod.rs: what was asked, the address and the
# headers with *** for the key, and the body with <N bytes> for the data of images. The addresses are those that the
# providers document; the requests went to a server on the loopback.
";

/// The arguments of the program, and the name of the case.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// The name of the case in the file; `None` where it is not written down.
    what: Option<&'a str>,
    args: &'a [&'a str],
}

impl<'a> Asked<'a> {
    fn shown(what: &'a str, args: &'a [&'a str]) -> Self {
        let what = Some(what);
        Self { what, args }
    }

    fn unshown(args: &'a [&'a str]) -> Self {
        Self { what: None, args }
    }
}

/// A house with what captured requests need, and the server that catches them.
struct Capture {
    house: House,
    server: Echo,
    written: String,
}

impl Capture {
    fn new() -> Self {
        let house = House::new();
        let file = |name: &str, bytes: &[u8]| std::fs::write(house.work().join(name), bytes).unwrap();
        let mut jpeg = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(2, 2, image::Rgb([180, 60, 20]));
        picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        file("street.jpg", &jpeg.into_inner());
        file("person.png", &png());
        Self {
            house,
            server: Echo::start(),
            written: HEADING.to_owned(),
        }
    }

    /// The next calls are answered with this exchange of the reference.
    fn answer_with(&self, exchange: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/exchanges");
        let body = std::fs::read(folder.join(format!("{exchange}.body"))).unwrap();
        let kind = if exchange.contains("unary") {
            "application/json"
        } else {
            "text/event-stream"
        };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n");
        self.server.answer_with([head.as_bytes(), &body].concat());
    }

    /// The next calls are answered with the exchange that fits a model.
    fn answer_for(&self, model: &Model) {
        self.answer_with(match (model.provider.as_str(), model.name.as_str()) {
            _ if !model.streams => "24-unary-json-on-stream-url",
            ("anyfast" | "starrise", _) => "01-relay-vertex-normal",
            (_, "gemini-2.5-flash-image") => "03-google-25-text-then-image",
            _ => "02-google-pro-thought-image",
        });
    }

    fn heading(&mut self, provider: &str, model: &str) {
        let _ = writeln!(self.written, "\n## {provider}, {model}");
    }

    /// Sends one request, holds address and headers against the documents, writes it down under the documented address,
    /// and returns its body.
    fn send(&mut self, provider: &Provider, model: &Model, asked: Asked<'_>) -> Value {
        let mut command = self.command(&provider.name, &model.name, asked.args);
        command.args(["--base-url", &self.server.base_url]);
        let call = self.call(&mut command);
        let action = if model.streams {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        let mut target = format!("/v1beta/models/{}:{action}", model.name);
        if provider.carrier == Carrier::Query {
            target.push(if model.streams { '&' } else { '?' });
            let _ = write!(target, "key={KEY}");
        }
        assert!(
            call.head.starts_with(&format!("POST {target} HTTP/1.1\r\n")),
            "{}",
            call.head
        );
        let accept = if model.streams {
            "text/event-stream"
        } else {
            "application/json"
        };
        assert_eq!(header(&call, "accept"), Some(accept));
        assert_eq!(header(&call, "content-type"), Some("application/json"));
        assert_eq!(
            header(&call, "content-length"),
            Some(&*call.body.len().to_string())
        );
        let bearer = format!("Bearer {KEY}");
        for (name, value, carrier) in [
            ("x-goog-api-key", KEY, Carrier::XGoogApiKey),
            ("authorization", &bearer, Carrier::Bearer),
        ] {
            let is_here = provider.carrier == carrier;
            assert_eq!(header(&call, name), is_here.then_some(value), "{}", provider.name);
        }
        if let Some(what) = asked.what {
            let _ = write!(self.written, "\n{what}\n{}", written(&call, &provider.base));
        }
        body(&call)
    }

    fn call(&self, command: &mut Command) -> Call {
        let said = said(command);
        assert_eq!(said.code, Some(0), "{command:?}: {}", said.stderr);
        self.server.call()
    }

    /// That the program refuses this, and nothing arrives.
    fn refuses(&self, provider: &Provider, model: &Model, args: &[&str]) {
        let mut command = self.command(&provider.name, &model.name, args);
        let said = said(command.args(["--base-url", &self.server.base_url]));
        assert_eq!(said.code, Some(2), "{command:?}: {}", said.stderr);
        assert!(!self.server.was_called(), "{command:?}");
    }

    /// The body that `--dry-run` shows.
    fn dry_run(&self, provider: &Provider, model: &Model, args: &[&str]) -> Value {
        let mut command = self.command(&provider.name, &model.name, args);
        let shown = said(command.args(["--base-url", &self.server.base_url]));
        assert!(!self.server.was_called());
        serde_json::from_slice(&shown.stdout).unwrap()
    }

    /// `generate` at this provider and model.
    fn command(&self, provider: &str, model: &str, args: &[&str]) -> Command {
        let mut command = self
            .house
            .tintype(&["-p", provider, "-m", model, "generate", "-q"]);
        command.args(args).env_remove("TINTYPE_BASE_URL");
        for variable in ["GEMINI", "ANYFAST", "STARRISE", "TOKAIFY"] {
            command.env(format!("{variable}_API_KEY"), KEY);
        }
        command
    }
}

fn header<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let mut fields = call.head.lines().filter_map(|line| line.split_once(':'));
    let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    field.map(|(_, value)| value.trim())
}

fn body(call: &Call) -> Value {
    serde_json::from_str(&without_data(call)).unwrap()
}

/// The request line, the headers that mean something, and the body.
fn written(call: &Call, base: &str) -> String {
    let mut lines = call.head.lines();
    let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
    let path = rest.split_once(' ').unwrap().0.replace(KEY, "***");
    let mut headers: Vec<String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().replace(KEY, "***")))
        .filter(|(name, _)| !matches!(name.as_str(), "host" | "content-length" | "user-agent"))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    let (headers, body) = (headers.join(", "), laid_out(&without_data(call)));
    format!("{method} {base}{path}\n{headers}\n{body}\n")
}

/// The body with `<N bytes>` in the place of the data of images.
fn without_data(call: &Call) -> String {
    let body = std::str::from_utf8(&call.body).unwrap();
    let mut pieces = body.split("\"data\":\"");
    let mut short = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (data, rest) = piece.split_once('"').unwrap();
        let bytes = BASE64_STANDARD.decode(data).unwrap();
        let _ = write!(short, "\"data\":\"<{} bytes>\"{rest}", bytes.len());
    }
    short
}

/// A line for each field of the body and each message of `contents`.
fn laid_out(json: &str) -> String {
    let (mut out, mut level, mut in_string, mut escaped) = (String::new(), 0, false, false);
    for letter in json.chars() {
        out.push(letter);
        match letter {
            _ if in_string => {
                in_string = escaped || letter != '"';
                escaped = letter == '\\' && !escaped;
            }
            '"' => in_string = true,
            '{' | '[' => level += 1,
            '}' | ']' => level -= 1,
            ',' if level == 1 => out.push_str("\n "),
            ',' if level == 2 && !out.contains("\n ") => out.push_str("\n  "),
            _ => {}
        }
    }
    out
}

/// Gateways and Vertex, by sections of the settings.
fn elsewhere(capture: &mut Capture) {
    let server = &capture.server.base_url;
    let settings = format!(
        "[providers.cloudflare]\nbase_url = '{server}/v1/ACCOUNT/GATEWAY/google-ai-studio'\n\
         api_key_command = ['echo', '{KEY}']\n\
         [providers.gateway]\nbase_url = '{server}/api/v1/gemini/v1beta/models?team={KEY}'\nauth = 'none'\n\
         inline_data = 'snake'\n\
         [providers.vertex]\nbase_url = '{server}'\nmodels_path = '/v1/publishers/google/models'\nauth = 'bearer'\n\
         api_key_command = ['echo', '{KEY}']\n"
    );
    std::fs::write(capture.house.work().join("elsewhere.toml"), settings).unwrap();
    capture.answer_with("02-google-pro-thought-image");
    let model = "gemini-3-pro-image";
    for (provider, path) in [
        (
            "cloudflare",
            "/v1/ACCOUNT/GATEWAY/google-ai-studio/v1beta/models/",
        ),
        ("gateway", "/api/v1/gemini/v1beta/models/"),
        ("vertex", "/v1/publishers/google/models/"),
    ] {
        let mut command = capture.command(provider, model, &["A red square", "-i", "person.png"]);
        let call = capture.call(command.args(["--config", "elsewhere.toml"]));
        let target = format!("POST {path}{model}:streamGenerateContent?alt=sse");
        assert!(call.head.starts_with(&target), "{}", call.head);
        capture.heading(provider, model);
        let _ = write!(
            capture.written,
            "\na prompt, a reference\n{}",
            written(&call, "SERVER")
        );
    }
}

/// The models of the program's table that the reference's table does not have: Google's names of before, which answer to
/// none of its documents any more.
const UNDOCUMENTED: [&str; 3] = [
    "gemini-3-pro-image-preview",
    "nano-banana-pro-preview",
    "gemini-3.1-flash-image-preview",
];

#[test]
fn requests_are_those_that_the_documents_show() {
    let mut capture = Capture::new();
    let models = documents::models();
    for provider in documents::providers() {
        let of_provider = |model: &&Model| model.provider == provider.name;
        for model in models.iter().filter(of_provider) {
            features::check(&mut capture, &provider, model);
        }
        for row in capability::models(&provider.name) {
            let is_documented = models
                .iter()
                .filter(of_provider)
                .any(|model| model.name == row.name);
            assert!(
                is_documented || provider.name == "google" && UNDOCUMENTED.contains(&row.name.as_str()),
                "no document has {} at {}",
                row.name,
                row.provider
            );
        }
    }
    elsewhere(&mut capture);
    let Capture { written: now, .. } = capture;
    assert!(!now.contains(KEY));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/captured/captured.txt");
    if std::env::var_os("TINTYPE_UPDATE").is_some() {
        std::fs::write(&path, now).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    let both = expected.lines().zip(now.lines());
    let differs = both.clone().find(|(expected, now)| expected != now);
    assert!(
        expected == now,
        "{} is not what is sent now. First difference:\n- {}\n+ {}",
        path.display(),
        differs.map_or("", |pair| pair.0),
        differs.map_or("", |pair| pair.1),
    );
}
