//! Conversations with a provider that checks its signatures, each command a process of its own: from any turn, with
//! another provider or key in the middle, and over a limit of size.

use serde_json::Value;
use tintype::demo::Style;

use crate::house::{House, said};
use crate::server::Counted;

/// A home with two providers, `one` and `two`, on one server of Google's manners.
struct Talk {
    house: House,
    _server: Counted,
}

impl Talk {
    fn new(limit: &str) -> Self {
        let (house, server) = (House::new(), Counted::with_style(0.0, Style::Google));
        let provider = |name: &str| {
            let base = &server.base_url;
            format!("[providers.{name}]\nbase_url = '{base}'\napi_key_env = 'KEY_{name}'\n{limit}\n")
        };
        let folder = house.home().join(".config/tintype");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), provider("one") + &provider("two")).unwrap();
        Self {
            house,
            _server: server,
        }
    }

    fn run(&self, key: &str, args: &[&str]) -> (String, String) {
        let mut command = self
            .house
            .tintype(&["-m", "gemini-3-pro-image", "generate", "-q"]);
        command
            .args(args)
            .env_remove("TINTYPE_PROVIDER")
            .env_remove("TINTYPE_BASE_URL")
            .envs([("KEY_one", key), ("KEY_two", "sk-second")]);
        let said = said(&mut command);
        let stdout = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said.code, Some(0), "{args:?}: {stdout}{}", said.stderr);
        (stdout, said.stderr)
    }

    /// The report of a turn that was made with the first request that was sent.
    fn turn(&self, provider: &str, args: &[&str]) -> Value {
        let (stdout, _) = self.run("sk-first", &[args, &["-p", provider, "--json"]].concat());
        let report: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(report["attempts"], 1, "{report}");
        report
    }

    /// The request that would be sent, with what is said about it.
    fn request(&self, provider: &str, key: &str, prompt: &str) -> (Value, String) {
        let (stdout, stderr) = self.run(key, &[prompt, "-c", "--dry-run", "-p", provider]);
        (serde_json::from_str(&stdout).unwrap(), stderr)
    }
}

fn messages(request: &Value) -> usize {
    request["contents"].as_array().unwrap().len()
}

fn signatures(request: &Value) -> usize {
    request.to_string().matches("thoughtSignature").count()
}

#[test]
fn a_conversation_goes_on_in_another_process_and_from_a_branch() {
    let talk = Talk::new("");
    let first = talk.turn("one", &["a red fox"]);
    talk.turn("one", &["make it night", "-c"]);
    let third = talk.turn("one", &["add a moon", "-c"]);
    assert_eq!(third["warnings"], serde_json::json!([]));
    let branch = talk.turn("one", &["as a watercolour", "--from", "1"]);
    assert_eq!(branch["parent"], first["turn"]);
    assert_eq!(branch["warnings"], serde_json::json!([]));
    // The branch is as long as its own path.
    let (request, said) = talk.request("one", "sk-first", "larger");
    assert_eq!(
        (messages(&request), said.contains("picture alone")),
        (5, false),
        "{said}"
    );
    assert!(signatures(&request) >= 2, "{request}");
}

#[test]
fn another_provider_goes_on_from_the_picture_and_says_so_and_another_key_from_the_whole() {
    let talk = Talk::new("");
    talk.turn("one", &["a red fox"]);
    talk.turn("one", &["make it night", "-c"]);
    let (request, said) = talk.request("one", "sk-other", "larger");
    assert_eq!(messages(&request), 5, "{request}");
    assert!(!said.contains("picture alone"), "{said}");
    assert!(signatures(&request) >= 2, "{request}");
    let (request, said) = talk.request("two", "sk-first", "larger");
    assert_eq!((messages(&request), signatures(&request)), (1, 0), "{request}");
    assert!(request.to_string().contains("inlineData"), "{request}");
    assert!(said.contains("from the last picture alone"), "{said}");
    let switched = talk.turn("two", &["larger", "-c"]);
    assert!(
        switched["warnings"][0]
            .as_str()
            .unwrap()
            .contains("from the last picture alone"),
        "{switched}"
    );
    // From there on it is the other one's conversation.
    let next = talk.turn("two", &["add a moon", "-c"]);
    assert_eq!(next["warnings"], serde_json::json!([]));
}

#[test]
fn a_history_over_the_limit_loses_its_beginning_and_says_so() {
    let talk = Talk::new("request_limit_mb = 0.5");
    talk.turn("one", &["a red fox"]);
    talk.turn("one", &["make it night", "-c"]);
    let (request, said) = talk.request("one", "sk-first", "add a moon");
    assert_eq!(messages(&request), 3, "{said}");
    assert!(said.contains("left out") && said.contains("500 KB"), "{said}");
    let third = talk.turn("one", &["add a moon", "-c"]);
    assert!(
        third["warnings"][0].as_str().unwrap().contains("left out"),
        "{third}"
    );
}

#[test]
fn events_tell_it_all_in_order() {
    let talk = Talk::new("");
    let (stdout, _) = talk.run("sk-first", &["a red fox", "-p", "one", "--events"]);
    let lines: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut names: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    let received = lines
        .iter()
        .filter_map(|line| line["received"].as_u64())
        .collect::<Vec<_>>();
    assert!(!received.is_empty() && received.is_sorted(), "{received:?}");
    names.retain(|name| !["progress", "usage"].contains(name));
    names.dedup();
    assert_eq!(
        names,
        [
            "started", "thought", "picture", "draft", "thought", "picture", "image", "finished"
        ],
        "{stdout}"
    );
    let last = lines.last().unwrap();
    assert_eq!(last["images"].as_array().unwrap().len(), 1);
    let image = lines.iter().find(|line| line["event"] == "image").unwrap();
    assert_eq!(image["image"]["sha256"], last["images"][0]["sha256"]);
}
