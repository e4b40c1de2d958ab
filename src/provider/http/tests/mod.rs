#![expect(
    clippy::disallowed_methods,
    reason = "tests write files, start servers and look at the clock"
)]

mod links;
mod packed;
mod proxies;
mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::answer::BATCH;
use super::*;
use crate::domain::{Image, ImageKind, Mime, Part, Reference, Request, SessionId, Signature, Turn, TurnId};
use crate::error::{Billed, Retry};
use crate::provider::{capability, endpoint, gemini::request};

const KEY: &str = "sk-very/secret+key";

/// What a client sent: the head as text, and the body.
struct Call {
    head: String,
    body: Vec<u8>,
}

/// Reads one request whole.
async fn call(stream: &mut TcpStream) -> Call {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 16 * 1024];
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        bytes.extend_from_slice(&piece[..read]);
        let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") else {
            assert_ne!(read, 0, "the request broke off in its head");
            continue;
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("the length is known").parse().unwrap();
        if bytes.len() >= end + 4 + length {
            return Call {
                head,
                body: bytes.split_off(end + 4),
            };
        }
        assert_ne!(read, 0, "the request broke off in its body");
    }
}

/// A server for one connection.
async fn serve<T: Send + 'static, F: Future<Output = T> + Send>(
    play: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { play(listener.accept().await.unwrap().0).await });
    (address, server)
}

/// A server that reads the request, says `answer` and hangs up.
async fn answering(answer: impl Into<Vec<u8>>) -> (SocketAddr, JoinHandle<Call>) {
    let answer = answer.into();
    serve(async move |mut stream| {
        let call = call(&mut stream).await;
        stream.write_all(&answer).await.unwrap();
        stream.shutdown().await.unwrap();
        call
    })
    .await
}

fn at(provider: &str, address: SocketAddr) -> Endpoint {
    Endpoint {
        base_url: format!("http://{address}"),
        ..endpoint::find(provider).unwrap().endpoint()
    }
}

fn prompt(text: &str) -> Request {
    Request {
        prompt: text.to_owned(),
        ..Request::default()
    }
}

fn body(request: &Request, history: &[Turn]) -> Body {
    request::body(request, history, &capability::find("anyfast", "m"))
}

async fn ask(http: &Http, endpoint: &Endpoint) -> Result<Answer> {
    let key = Secret::new(KEY);
    http.send(endpoint, Some(&key), "m", true, body(&prompt("a fox"), &[]))
        .await
}

fn shows_no_key(error: &Error) {
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("sk-very") && !shown.contains("secret"), "{shown}");
}

/// Bytes that no compressor and no accident would make.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(next).collect()
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> (PathBuf, u64) {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    (path, bytes.len() as u64)
}

#[tokio::test]
async fn the_body_arrives_as_promised_whatever_the_size_of_its_files() {
    let folder = tempfile::tempdir().unwrap();
    // One byte around the size of a piece, several pieces, and almost nothing.
    for size in [1, 196_607, 196_608, 196_609, 393_216, 1_000_001] {
        let picture = noise(size);
        let signature = BASE64_STANDARD.encode(noise(700_001));
        let (path, bytes) = put(folder.path(), "picture", &picture);
        let image = Image {
            kind: ImageKind::Result,
            path: path.clone(),
            mime: Mime::Png,
            declared_mime: None,
            width: 1,
            height: 1,
            bytes,
            sha256: String::new(),
        };
        let mut turn = Turn::new(TurnId::new(1, 1), SessionId::new(1, 1), 1, 0, prompt("a fox"));
        turn.images.push(image);
        let (file, length) = put(folder.path(), "signature", signature.as_bytes());
        turn.parts.push(Part::Image {
            image: 0,
            signature: Some(Signature::File {
                path: file,
                bytes: length,
            }),
        });
        let mut request = prompt("at night");
        request.references.push(Reference {
            path,
            mime: Mime::Png,
            bytes,
            ..Reference::default()
        });
        let body = body(&request, &[turn]);
        let promised = body.len();

        let (address, server) = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
        let key = Secret::new(KEY);
        let http = Http::new();
        let mut answer = http
            .send(&at("anyfast", address), Some(&key), "gemini x", true, body)
            .await
            .unwrap();
        assert_eq!(answer.next().await.unwrap().as_deref(), Some(&b"{}"[..]));
        assert_eq!(answer.next().await, Ok(None));
        assert_eq!(answer.next().await, Ok(None));

        let call = server.await.unwrap();
        assert!(!call.head.contains("transfer-encoding"), "{}", call.head);
        assert_eq!(call.body.len() as u64, promised);
        let value: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
        let data = BASE64_STANDARD.encode(&picture);
        let answered = &value["contents"][1]["parts"][0];
        assert_eq!(answered["inline_data"]["data"].as_str(), Some(&*data));
        assert_eq!(answered["thoughtSignature"].as_str(), Some(&*signature));
        assert_eq!(
            value["contents"][2]["parts"][1]["inline_data"]["data"].as_str(),
            Some(&*data)
        );
    }
}

#[tokio::test]
async fn each_provider_gets_its_key_where_it_wants_it_and_nowhere_else() {
    for (provider, line) in [
        (
            "anyfast",
            "post /v1beta/models/m:streamgeneratecontent?alt=sse&key=sk-very%2fsecret%2bkey http/1.1",
        ),
        ("google", "x-goog-api-key: sk-very/secret+key"),
        ("tokaify", "authorization: bearer sk-very/secret+key"),
        ("demo", ""),
    ] {
        let (address, server) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        ask(&Http::new(), &at(provider, address)).await.unwrap();
        let head = server.await.unwrap().head;
        let keys = usize::from(!line.is_empty());
        assert_eq!(head.matches("secret").count(), keys, "{provider}: {head}");
        assert!(
            line.is_empty() || head.lines().any(|sent| sent == line),
            "{provider}: {head}"
        );
        for wanted in [
            "content-type: application/json".to_owned(),
            "accept: text/event-stream".to_owned(),
            concat!("user-agent: tintype/", env!("CARGO_PKG_VERSION")).to_owned(),
            format!("host: {address}"),
        ] {
            assert!(
                head.lines().any(|sent| sent == wanted),
                "{wanted} is not in {head}"
            );
        }
    }
}

#[tokio::test]
async fn a_redirect_is_an_error_that_names_the_other_host_only() {
    let moved = "HTTP/1.1 301 Moved\r\nlocation: https://user:pw@console.test/v1beta?key=sk-very\r\n\
                 content-length: 0\r\n\r\n";
    let (address, _server) = answering(moved).await;
    let error = ask(&Http::new(), &at("anyfast", address)).await.unwrap_err();
    assert_eq!((error.kind, error.http_status), (Kind::WrongAddress, Some(301)));
    assert_eq!(error.message, format!("{address} redirects to console.test"));
    assert!(error.hint.contains("https://console.test"));
    shows_no_key(&error);

    let (address, _server) = answering("HTTP/1.1 302 Found\r\nlocation: /login\r\n\r\n").await;
    let error = ask(&Http::new(), &at("anyfast", address)).await.unwrap_err();
    assert_eq!(error.kind, Kind::WrongAddress);
}

#[tokio::test]
async fn silence_ends_when_the_caller_has_had_enough() {
    let http = Http::new().idle_timeout(Duration::from_millis(200));
    // Before the head, and in the middle of the body.
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ndata"] {
        let (address, server) = serve(async move |mut stream| {
            call(&mut stream).await;
            stream.write_all(head.as_bytes()).await.unwrap();
            stream
        })
        .await;
        let error = match ask(&http, &at("anyfast", address)).await {
            Ok(mut answer) => {
                assert_eq!(answer.next().await.unwrap().as_deref(), Some(&b"data"[..]));
                let error = answer.next().await.unwrap_err();
                assert_eq!(answer.next().await.unwrap_err(), error);
                error
            }
            Err(error) => error,
        };
        assert_eq!(
            (error.kind, error.billed),
            (Kind::Timeout, Billed::Maybe),
            "{error}"
        );
        assert!(error.message.ends_with("was silent for 0.2 s"), "{error}");
        assert_eq!(error.retry, Retry::Never);
        shows_no_key(&error);
        drop(server.await);
    }
}

#[tokio::test]
async fn a_slow_upload_is_not_silence() {
    let idle = Duration::from_millis(1500);
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = put(folder.path(), "picture", &vec![7; 30_000_000]);
    let mut request = prompt("x");
    request.references.push(Reference {
        path,
        mime: Mime::Png,
        bytes,
        ..Reference::default()
    });
    // Three pauses, together longer than the limit, each while more is to come than any buffer on the way holds.
    let (address, server) = serve(async move |mut stream| {
        for _ in 0..3 {
            tokio::time::sleep(idle / 2).await;
            let mut piece = vec![0; 8_000_000];
            stream.read_exact(&mut piece).await.unwrap();
        }
        let mut rest = vec![0; 16_000_000];
        stream.read_exact(&mut rest).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        stream
    })
    .await;
    let http = Http::new().idle_timeout(idle);
    let sent = http
        .send(&at("demo", address), None, "m", true, body(&request, &[]))
        .await;
    assert_eq!(sent.unwrap().status(), 200);
    drop(server.await);
}

#[tokio::test]
async fn nobody_listening_is_unreachable_and_free() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = ask(&Http::new(), &at("anyfast", address)).await.unwrap_err();
    assert_eq!((error.kind, error.billed), (Kind::Unreachable, Billed::No));
    assert_eq!(
        error.message,
        format!("Cannot reach {address}: connection refused")
    );
    assert_eq!(error.retry, Retry::Safe { after_seconds: None });
    shows_no_key(&error);
}

#[tokio::test]
async fn a_server_that_cannot_speak_tls_is_named_with_the_reason() {
    let (address, _server) = serve(async move |mut stream| {
        let mut hello = [0; 1024];
        let _hello = stream.read(&mut hello).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    })
    .await;
    let mut endpoint = at("anyfast", address);
    endpoint.base_url = format!("https://{address}");
    let error = ask(&Http::new(), &endpoint).await.unwrap_err();
    assert_eq!(
        (error.kind, error.retry),
        (Kind::Unreachable, Retry::Never),
        "{error}"
    );
    assert!(error.message.contains("no secure connection"), "{error}");
    shows_no_key(&error);
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_may_be_billed() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\ndata",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ndata\r\n",
    ] {
        let (address, _server) = answering(answer).await;
        let error = match ask(&Http::new(), &at("anyfast", address)).await {
            Ok(mut answer) => {
                assert_eq!(answer.next().await.unwrap().as_deref(), Some(&b"data"[..]));
                answer.next().await.unwrap_err()
            }
            Err(error) => error,
        };
        assert_eq!((error.kind, error.billed), (Kind::Cut, Billed::Maybe), "{error}");
        assert_eq!(error.retry, Retry::Never);
        shows_no_key(&error);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_under_the_request_may_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = put(folder.path(), "picture", &noise(12_000_000));
    let mut request = prompt("x");
    request.references.push(Reference {
        path,
        mime: Mime::Png,
        bytes,
        ..Reference::default()
    });
    let (address, server) = serve(async move |mut stream| {
        let mut piece = [0; 1024];
        let _some = stream.read(&mut piece).await.unwrap();
    })
    .await;
    let sent = Http::new()
        .send(&at("demo", address), None, "m", true, body(&request, &[]))
        .await;
    let error = sent.unwrap_err();
    assert_eq!(
        (error.kind, error.billed),
        (Kind::Unreachable, Billed::No),
        "{error}"
    );
    assert_eq!(error.retry, Retry::Safe { after_seconds: None });
    drop(server.await);
}

#[tokio::test]
async fn an_answer_that_comes_before_the_whole_request_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = put(folder.path(), "picture", &noise(6_000_000));
    let mut request = prompt("x");
    request.references.push(Reference {
        path,
        mime: Mime::Png,
        bytes,
        ..Reference::default()
    });
    let (address, server) = serve(async move |mut stream| {
        let mut piece = vec![0; 64 * 1024];
        let _some = stream.read(&mut piece).await.unwrap();
        let too_large = b"HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 4\r\n\r\nbig!";
        stream.write_all(too_large).await.unwrap();
        while stream.read(&mut piece).await.is_ok_and(|read| read > 0) {}
    })
    .await;
    let sent = Http::new()
        .send(&at("demo", address), None, "m", true, body(&request, &[]))
        .await;
    let mut answer = sent.unwrap();
    assert_eq!((answer.status(), answer.is_success()), (413, false));
    assert_eq!(answer.error_body().await, b"big!");
    drop(answer);
    server.await.unwrap();
}

#[tokio::test]
async fn an_error_keeps_its_head_and_the_first_megabyte_of_its_body() {
    let mut answer = b"HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nX-Oneapi-Request-Id: id-1\r\ncf-ray: id-2\r\n\
        date: Fri, 20 Nov 2026 12:00:00 GMT\r\ncontent-type: text/event-stream\r\ncontent-length: 3000000\r\n\r\n"
        .to_vec();
    answer.resize(answer.len() + 3_000_000, b'x');
    let (address, server) = serve(async move |mut stream| {
        call(&mut stream).await;
        // The client may hang up before the end.
        let _sent = stream.write_all(&answer).await;
    })
    .await;
    let mut answer = ask(&Http::new(), &at("anyfast", address)).await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.content_type().as_deref(), Some("text/event-stream"));
    let head = answer.head();
    assert_eq!(head.request_id.as_deref(), Some("id-1"));
    assert_eq!(head.retry_after.as_deref(), Some("7"));
    assert_eq!(head.date.as_deref(), Some("Fri, 20 Nov 2026 12:00:00 GMT"));
    assert_eq!(answer.error_body().await.len(), 1024 * 1024);
    drop(answer);
    server.await.unwrap();
}

#[tokio::test]
async fn what_is_ready_comes_together_and_complete() {
    let mut answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let bytes = noise(2_000_000);
    for chunk in bytes.chunks(1000) {
        answer.extend_from_slice(b"3e8\r\n");
        answer.extend_from_slice(chunk);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    let (address, _server) = answering(answer).await;
    let mut answer = ask(&Http::new(), &at("anyfast", address)).await.unwrap();
    let (mut received, mut batches) = (Vec::new(), 0);
    while let Some(batch) = answer.next().await.unwrap() {
        assert!(!batch.is_empty() && batch.len() < 2 * BATCH, "{}", batch.len());
        received.extend_from_slice(&batch);
        batches += 1;
    }
    assert_eq!(received, bytes);
    assert!(batches < 1000, "2000 chunks came in {batches} batches");
}

#[tokio::test]
async fn a_compressed_answer_is_understood_although_nobody_asked() {
    // `gzip` of "data: hello\n\n".
    let packed = BASE64_STANDARD
        .decode("H4sIAAAAAAACA0tJLEm0UshIzcnJ5+ICAB1zndQNAAAA")
        .unwrap();
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n".to_vec();
    answer.extend(packed);
    let (address, _server) = answering(answer).await;
    let mut answer = ask(&Http::new(), &at("anyfast", address)).await.unwrap();
    assert_eq!(
        answer.next().await.unwrap().as_deref(),
        Some(&b"data: hello\n\n"[..])
    );
    assert_eq!(answer.next().await, Ok(None));
}

#[tokio::test]
async fn a_file_that_changed_or_vanished_is_noticed_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = at("demo", listener.local_addr().unwrap());
    for (name, now) in [("shorter", Some("12")), ("longer", Some("1234")), ("gone", None)] {
        let (path, bytes) = put(folder.path(), name, b"123");
        let mut request = prompt("x");
        request.references.push(Reference {
            path: path.clone(),
            mime: Mime::Png,
            bytes,
            ..Reference::default()
        });
        match now {
            Some(now) => std::fs::write(&path, now).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let sent = Http::new()
            .send(&endpoint, None, "m", true, body(&request, &[]))
            .await;
        let error = sent.unwrap_err();
        assert_eq!((error.kind, error.billed), (Kind::BadInput, Billed::No));
        assert!(error.message.contains(name) && !error.hint.is_empty(), "{error}");
    }
    let accepted = tokio::time::timeout(Duration::from_millis(20), listener.accept()).await;
    assert!(accepted.is_err(), "nothing was sent");
}

#[tokio::test]
async fn a_file_that_changes_under_way_ends_the_upload_instead_of_corrupting_it() {
    let folder = tempfile::tempdir().unwrap();
    for (promised, found) in [
        (400_000, 300_000),
        (400_000, 400_001),
        (196_608, 196_609),
        (10, 0),
    ] {
        let (path, _) = put(folder.path(), "picture", &noise(found));
        let mut request = prompt("x");
        request.references.push(Reference {
            path,
            mime: Mime::Png,
            bytes: promised,
            ..Reference::default()
        });
        let upload = Upload::new(body(&request, &[]));
        let progress = upload.progress();
        let pieces: Vec<_> = upload.into_stream().collect().await;
        let error = pieces.last().unwrap().as_ref().unwrap_err();
        assert_eq!(error.kind, Kind::BadInput, "{promised} {found}");
        assert_eq!(progress.failed().as_ref(), Some(error));
        assert!(!progress.complete());
    }
}

#[tokio::test]
async fn a_signature_that_would_break_out_of_its_quotes_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["a\"b", "a\\b", "a\nb", "ü"] {
        let (path, bytes) = put(folder.path(), "signature", text.as_bytes());
        let mut turn = Turn::new(TurnId::new(1, 1), SessionId::new(1, 1), 1, 0, prompt("a fox"));
        turn.status = crate::domain::TurnStatus::Finished;
        turn.parts.push(Part::Text {
            text: "hi".to_owned(),
            signature: Some(Signature::File { path, bytes }),
        });
        let upload = Upload::new(body(&prompt("x"), &[turn]));
        let pieces: Vec<_> = upload.into_stream().collect().await;
        assert!(pieces.last().unwrap().is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_a_bad_key() {
    let key = Secret::new("sk-very\nsecret");
    let endpoint = endpoint::find("google").unwrap().endpoint();
    let sent = Http::new()
        .send(&endpoint, Some(&key), "m", true, body(&prompt("x"), &[]))
        .await;
    let error = sent.unwrap_err();
    assert_eq!(error.kind, Kind::BadKey);
    shows_no_key(&error);
}

#[test]
fn sending_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (http, endpoint) = (Http::new(), Endpoint::demo("http://127.0.0.1:1"));
    is_send(&http.send(&endpoint, None, "m", true, body(&prompt("x"), &[])));
}
