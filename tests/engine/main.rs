//! The engine against a server that holds each piece of its answer behind a gate.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and reads files as it likes"
)]

mod again;
mod attached;
mod http2;
#[path = "../stage/photo.rs"]
mod photo;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use server::{Call, Server};
use tempfile::TempDir;
use tintype::domain::{ImageKind, Mime, Part, Reference, Request, Secret, Signature, Turn, TurnStatus};
use tintype::engine::{Budget, Engine, Event, Folders, Job, Order};
use tintype::error::{Billed, Kind};
use tintype::provider::capability::Catalog;
use tintype::provider::endpoint::{Auth, Endpoint};
use tintype::provider::http::Http;
use tintype::store::Store;

const KEY: &str = "sk-test-4f8a2c";
/// Longer than any test may take to reach a state.
const PATIENCE: Duration = Duration::from_secs(30);

struct House {
    dir: TempDir,
    store: Store,
    engine: Engine,
    server: Server,
}

impl House {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("data")).unwrap();
        let folders = Folders {
            spool: dir.path().join("data/spool"),
            journal: dir.path().join("state/journal"),
        };
        let engine = Engine::new(
            tokio::runtime::Handle::current(),
            store.clone(),
            Http::new(),
            folders,
            Catalog::default(),
        );
        Self {
            dir,
            store,
            engine,
            server: Server::start().await,
        }
    }

    fn order(&self, prompt: &str) -> Order {
        let mut endpoint = Endpoint::demo(self.server.base_url.clone());
        endpoint.auth = Auth::XGoogApiKey;
        let request = Request {
            prompt: prompt.to_owned(),
            provider: "demo".to_owned(),
            model: "gemini-3-pro-image".to_owned(),
            ..Request::default()
        };
        Order {
            session: None,
            parent: None,
            request,
            endpoint,
            key: Some(Secret::new(KEY)),
            retries: 0,
            budget: Budget::default(),
            follow_links: false,
        }
    }

    /// What is left in spool and journal.
    fn leftovers(&self) -> Vec<PathBuf> {
        let files = |folder: PathBuf| {
            let entries = std::fs::read_dir(folder).into_iter().flatten();
            entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
        };
        [
            files(self.dir.path().join("data/spool")),
            files(self.dir.path().join("state/journal")),
        ]
        .concat()
    }

    fn stored(&self, turn: &Turn) -> Turn {
        self.store.turn(&turn.id).unwrap().unwrap()
    }
}

async fn next(job: &mut Job) -> Event {
    let event = tokio::time::timeout(PATIENCE, job.events.recv()).await;
    event
        .expect("the engine says nothing")
        .expect("the engine hung up")
}

async fn events_until_over(job: &mut Job) -> (Vec<Event>, Turn) {
    let mut events = Vec::new();
    loop {
        match next(job).await {
            Event::Finished(turn) | Event::Failed(turn) => return (events, *turn),
            event => events.push(event),
        }
    }
}

async fn until_over(job: &mut Job) -> Turn {
    loop {
        if let Event::Finished(turn) | Event::Failed(turn) = next(job).await {
            return *turn;
        }
    }
}

fn event(parts: &str) -> String {
    format!("data: {{\"candidates\":[{{\"content\":{{\"role\":\"model\",\"parts\":[{parts}]}}}}]}}\n\n")
}

fn thought(text: &str) -> String {
    event(&format!("{{\"text\":\"{text}\",\"thought\":true}}"))
}

/// A PNG of 64×48 that is whole by its structure, with pixels without any order: nothing here decodes them.
fn picture(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x30\x08\x02\0\0\0\0\0\0\0".to_vec();
    let end = b"\0\0\0\0\0\0\0\0IEND\0\0\0\0";
    let pixels = length - bytes.len() - 8 - end.len();
    bytes.extend(u32::try_from(pixels).unwrap().to_be_bytes());
    bytes.extend(b"IDAT");
    let mut state = seed | 1;
    while bytes.len() < length - end.len() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.push(state.to_le_bytes()[3]);
    }
    bytes.extend(end);
    bytes
}

fn picture_event(bytes: &[u8], rest: &str) -> String {
    event(&format!(
        "{{\"inlineData\":{{\"mimeType\":\"image/jpeg\",\"data\":\"{}\"}}{rest}}}",
        STANDARD.encode(bytes)
    ))
}

/// Waits until the file holds at least this many bytes.
async fn grows_to(path: &Path, bytes: u64) {
    let grown = async {
        while std::fs::metadata(path).map_or(0, |facts| facts.len()) < bytes {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, grown)
        .await
        .expect("the file does not grow");
}

async fn open(house: &House, job: &mut Job) -> (Call, Turn) {
    let mut call = house.server.call().await;
    call.open().await;
    let Event::Started(turn) = next(job).await else {
        panic!("no start")
    };
    (call, *turn)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_told_as_it_arrives_and_stored_as_it_came() {
    let house = House::new().await;
    let mut job = house.engine.start(house.order("a red fox"));
    let (mut call, turn) = open(&house, &mut job).await;
    assert_eq!((turn.number, turn.status), (1, TurnStatus::Running));
    assert_eq!(
        house.stored(&turn).request.prompt,
        "a red fox",
        "written down before the answer"
    );
    assert!(call.head.contains(KEY) && !String::from_utf8_lossy(&call.body).contains(KEY));

    call.send(thought("Composing")).await;
    assert_eq!(next(&mut job).await, Event::Thought("Composing".to_owned()));

    let bytes = picture(400_000, 7);
    let line = picture_event(&bytes, ",\"thoughtSignature\":\"c2ln\"");
    let (first, second) = line.split_at(300_000);
    call.send(first).await;
    let Event::PictureBegan { picture, path } = next(&mut job).await else {
        panic!("no picture began")
    };
    grows_to(&path, 200_000).await;
    assert!(
        bytes.starts_with(&std::fs::read(&path).unwrap()),
        "the growing file is the picture so far"
    );
    call.send(second).await;
    let Event::PictureEnded {
        picture: ended,
        image,
    } = next(&mut job).await
    else {
        panic!("no picture ended")
    };
    assert_eq!(
        (picture, image.kind, image.width, image.height),
        (ended, ImageKind::Result, 64, 48)
    );
    assert_eq!(std::fs::read(&image.path).unwrap(), bytes);
    call.send("data: {\"usageMetadata\":{\"promptTokenCount\":8,\"totalTokenCount\":1392}}\n\n")
        .await;
    call.end().await;

    let turn = until_over(&mut job).await;
    assert_eq!(turn.status, TurnStatus::Finished);
    assert_eq!(turn.thoughts, "Composing");
    assert_eq!((turn.usage.prompt, turn.usage.total), (Some(8), Some(1392)));
    let signature = Some(Signature::Inline("c2ln".to_owned()));
    assert_eq!(turn.parts, [Part::Image { image: 0, signature }]);
    assert_eq!(
        turn.images[0].declared_mime.as_deref(),
        Some("image/jpeg"),
        "the label goes back as it came"
    );
    assert_eq!(house.stored(&turn), turn);
    assert_eq!(house.leftovers(), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generation_that_nobody_listens_to_is_saved_all_the_same() {
    let house = House::new().await;
    let mut job = house.engine.start(house.order("a red fox"));
    let (mut call, turn) = open(&house, &mut job).await;
    let Job {
        events,
        progress,
        leash,
    } = job;
    leash.detach();
    drop((events, progress));
    call.send(picture_event(&picture(200_000, 3), "")).await;
    assert_eq!(house.engine.drain(Duration::ZERO).await, 1, "it is still running");
    call.end().await;
    assert_eq!(house.engine.drain(PATIENCE).await, 0);
    let turn = house.stored(&turn);
    assert_eq!((turn.status, turn.images.len()), (TurnStatus::Finished, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_reads_nothing_does_not_slow_the_saving() {
    let house = House::new().await;
    let mut job = house.engine.start(house.order("a red fox"));
    let (mut call, _) = open(&house, &mut job).await;
    for _ in 0..2000 {
        call.send(thought("Still thinking")).await;
    }
    call.send(picture_event(&picture(2_000_000, 5), "")).await;
    call.end().await;
    assert_eq!(house.engine.drain(PATIENCE).await, 0);
    let turn = until_over(&mut job).await;
    assert_eq!(turn.thoughts.matches("Still").count(), 2000);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_keeps_what_had_come() {
    let house = House::new().await;
    let mut job = house.engine.start(house.order("a red fox"));
    let (mut call, _) = open(&house, &mut job).await;
    call.send(thought("Composing")).await;
    let bytes = picture(400_000, 9);
    call.send(&picture_event(&bytes, "")[..400_000]).await;
    let path = loop {
        if let Event::PictureBegan { path, .. } = next(&mut job).await {
            break path;
        }
    };
    grows_to(&path, 250_000).await;
    let Job {
        mut events, leash, ..
    } = job;
    drop(leash);
    call.hung_up().await;
    let turn = loop {
        if let Some(Event::Failed(turn)) = events.recv().await {
            break turn;
        }
    };
    assert_eq!(turn.status, TurnStatus::Cancelled);
    let error = turn.error.as_ref().unwrap();
    assert_eq!((error.kind, error.billed), (Kind::Cancelled, Billed::Maybe));
    assert_eq!(turn.thoughts, "Composing");
    assert_eq!(turn.images[0].kind, ImageKind::Draft);
    let kept = std::fs::read(&turn.images[0].path).unwrap();
    assert!(kept.len() >= 250_000 && bytes.starts_with(&kept));
    assert_eq!(house.stored(&turn), *turn);
    assert_eq!(house.leftovers(), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_stream_is_no_success_and_keeps_what_had_come() {
    let house = House::new().await;
    let mut job = house.engine.start(house.order("a red fox"));
    let (mut call, _) = open(&house, &mut job).await;
    call.send(thought("Composing")).await;
    call.send(&picture_event(&picture(400_000, 9), "")[..300_000])
        .await;
    call.cut();
    let turn = until_over(&mut job).await;
    assert_eq!(turn.status, TurnStatus::Failed);
    let error = turn.error.as_ref().unwrap();
    assert_eq!((error.kind, error.billed), (Kind::Cut, Billed::Maybe));
    assert!(!error.hint.is_empty());
    assert_eq!((turn.thoughts.as_str(), turn.images.len()), ("Composing", 1));
    assert_eq!(turn.images[0].kind, ImageKind::Draft);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_all_ends_everything_and_saves_it() {
    let house = House::new().await;
    let mut job = house.engine.start(house.order("a red fox"));
    let (mut call, turn) = open(&house, &mut job).await;
    call.send(thought("Composing")).await;
    assert!(matches!(next(&mut job).await, Event::Thought(_)));
    house.engine.stop_all();
    assert_eq!(house.engine.drain(PATIENCE).await, 0);
    let turn = house.stored(&turn);
    assert_eq!(
        (turn.status, turn.thoughts.as_str()),
        (TurnStatus::Cancelled, "Composing")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_whose_reason_does_not_come_can_be_stopped() {
    let house = House::new().await;
    let mut job = house.engine.start(house.order("a red fox"));
    let mut call = house.server.call().await;
    let Event::Started(turn) = next(&mut job).await else {
        panic!("no start")
    };
    call.begin_refusal().await;
    drop(job);
    // Without the stop it would be over when the wait for the body ends, after 30 seconds.
    let over = tokio::time::timeout(Duration::from_secs(15), call.hung_up()).await;
    assert!(over.is_ok(), "it still waits for the reason");
    assert_eq!(house.engine.drain(PATIENCE).await, 0);
    assert_eq!(house.stored(&turn).status, TurnStatus::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_server_repeats_is_not_passed_on() {
    let house = House::new().await;
    let mut job = house.engine.start(house.order("a red fox"));
    let call = house.server.call().await;
    let body = format!(
        "{{\"error\":{{\"code\":401,\"message\":\"bad key {KEY} (request id: abc)\",\"type\":\"x\"}}}}"
    );
    call.refuse("401 Unauthorized", &body).await;
    let turn = until_over(&mut job).await;
    let error = turn.error.clone().unwrap();
    assert_eq!((error.kind, error.http_status), (Kind::BadKey, Some(401)));
    assert!(format!("{error:?}").contains("***"));
    let stored = format!("{:?}", house.stored(&turn));
    assert!(!stored.contains(KEY) && !format!("{error:?}").contains(KEY));
    let database = std::fs::read(house.dir.path().join("data/tintype.db")).unwrap();
    assert!(!String::from_utf8_lossy(&database).contains(KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_refuses_is_not_sent_and_makes_no_turn() {
    let house = House::new().await;
    let mut order = house.order("a red fox");
    order.request.aspect_ratio = Some("5:7".parse().unwrap());
    let mut job = house.engine.start(order);
    let Event::Rejected(error) = next(&mut job).await else {
        panic!("it was taken")
    };
    assert_eq!(error.kind, Kind::BadInput);
    assert!(error.message.contains("5:7"), "{error}");
    assert_eq!(house.store.recent(10).unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_turn_sends_pictures_and_heavy_signatures_back_as_they_came() {
    let house = House::new().await;
    let reference = house.dir.path().join("me.png");
    std::fs::write(&reference, picture(5_000, 11)).unwrap();
    let mut order = house.order("a red fox");
    order.request.references = vec![Reference {
        path: reference.clone(),
        mime: Mime::Png,
        bytes: 5_000,
        ..Reference::default()
    }];
    let mut job = house.engine.start(order);
    let (mut call, _) = open(&house, &mut job).await;
    let (bytes, signature) = (picture(150_000, 13), "Q".repeat(300_001));
    call.send(thought("not to be sent back")).await;
    call.send(event("{\"text\":\"Here it is.\"}")).await;
    call.send(picture_event(
        &bytes,
        &format!(",\"thoughtSignature\":\"{signature}\""),
    ))
    .await;
    call.end().await;
    let first = until_over(&mut job).await;
    assert_eq!(first.status, TurnStatus::Finished, "{first:?}");
    let Part::Image {
        signature: Some(Signature::File { path, .. }),
        ..
    } = &first.parts[1]
    else {
        panic!("{:?}", first.parts)
    };
    assert_eq!(std::fs::read(path).unwrap(), signature.as_bytes());
    std::fs::remove_file(&reference).unwrap();

    let mut order = house.order("make it night");
    order.session = Some(first.session.clone());
    order.parent = Some(first.id.clone());
    let mut job = house.engine.start(order);
    let (call, second) = open(&house, &mut job).await;
    assert_eq!((second.number, second.parent.as_ref()), (2, Some(&first.id)));
    let contents = call.json()["contents"].clone();
    let png = |bytes: &[u8]| serde_json::json!({"mimeType": "image/png", "data": STANDARD.encode(bytes)});
    let jpeg = serde_json::json!({"mimeType": "image/jpeg", "data": STANDARD.encode(&bytes)});
    assert_eq!(
        contents,
        serde_json::json!([
            {"role": "user", "parts": [{"text": "a red fox"}, {"inlineData": png(&picture(5_000, 11))}]},
            {"role": "model", "parts": [
                {"text": "Here it is."}, {"inlineData": jpeg, "thoughtSignature": signature}]},
            {"role": "user", "parts": [{"text": "make it night"}]},
        ])
    );
    call.cut();
    until_over(&mut job).await;
}

#[test]
fn a_missing_reference_is_told_before_anything_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let how = tintype::engine::Attaching::default();
    let error = tintype::engine::attach(&store, "/nowhere/me.png".as_ref(), how).unwrap_err();
    assert_eq!(error.kind, Kind::BadInput);
    assert!(error.message.contains("/nowhere/me.png"));
}
