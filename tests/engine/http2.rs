//! HTTP/2 from a server that refuses a request before it works on it, and from one that breaks off later.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tintype::domain::TurnStatus;
use tintype::engine::{Engine, Event, Folders, Order};
use tintype::error::{Billed, Kind};
use tintype::provider::capability::Catalog;
use tintype::provider::http::Http;
use tintype::provider::network::{Network, Trust};

use super::{House, event, events_until_over, picture, picture_event};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// `:status: 200`, as HPACK has it in its table.
fn head() -> Vec<u8> {
    frame(HEADERS, END_HEADERS, 1, &[0x88])
}

fn reset(code: u32) -> Vec<u8> {
    frame(RESET, 0, 1, &code.to_be_bytes())
}

fn go_away(last: u32, code: u32) -> Vec<u8> {
    frame(
        GOAWAY,
        0,
        0,
        &[&last.to_be_bytes()[..], &code.to_be_bytes(), b"busy"].concat(),
    )
}

fn pem(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/tls")
        .join(name)
}

fn config() -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_file_iter(pem("own.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(pem("key.pem")).unwrap();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}

/// A server whose every connection gets the next of these answers to its one request.
fn serve(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let config = config();
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            let mut preface = [0; 24];
            stream.read_exact(&mut preface).unwrap();
            stream.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
            // Until the request has ended.
            loop {
                let mut head = [0; 9];
                stream.read_exact(&mut head).unwrap();
                let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                let mut payload = vec![0; length as usize];
                stream.read_exact(&mut payload).unwrap();
                if head[3] == SETTINGS && head[4] == 0 {
                    stream.write_all(&frame(SETTINGS, 1, 0, &[])).unwrap();
                }
                if head[3] <= HEADERS && head[4] & END_STREAM != 0 {
                    break;
                }
            }
            stream.write_all(&answer).unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
            let _rest = std::io::copy(&mut stream.sock, &mut std::io::sink());
        }
    });
    base_url
}

fn finished() -> Vec<u8> {
    let body = picture_event(&picture(900, 3), "");
    [head(), frame(DATA, END_STREAM, 1, body.as_bytes())].concat()
}

/// A house whose engine trusts the server's certificate, and an order there.
async fn house(answers: Vec<Vec<u8>>) -> (House, Order) {
    let mut house = House::new().await;
    let http = Http::new().through(Network {
        trust: Trust {
            file: Some(pem("own.pem")),
            folders: Vec::new(),
        },
        ..Network::default()
    });
    house.engine = Engine::new(
        tokio::runtime::Handle::current(),
        house.store.clone(),
        http,
        Folders {
            spool: house.dir.path().join("data/spool"),
            journal: house.dir.path().join("state/journal"),
        },
        Catalog::default(),
    );
    let mut order = house.order("a red fox");
    order.endpoint.base_url = serve(answers);
    order.retries = 1;
    (house, order)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_began_with_is_sent_again_and_owes_nothing() {
    for refusal in [
        reset(REFUSED_STREAM),
        go_away(0, NO_ERROR),
        go_away(0, ENHANCE_YOUR_CALM),
        [head(), reset(REFUSED_STREAM)].concat(),
    ] {
        let (house, order) = house(vec![refusal.clone(), finished()]).await;
        let mut job = house.engine.start(order);
        let (events, turn) = events_until_over(&mut job).await;
        assert_eq!(
            (turn.status, turn.attempts),
            (TurnStatus::Finished, 2),
            "{refusal:?}"
        );
        let told = events.iter().find_map(|event| match event {
            Event::Retry { error, .. } => Some((error.kind, error.billed, error.message.clone())),
            _ => None,
        });
        let (kind, billed, message) = told.expect("a retry is told");
        assert_eq!((kind, billed), (Kind::Overloaded, Billed::No), "{message}");
        assert!(message.contains("before it began with it"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_may_have_been_worked_on_is_never_sent_again() {
    let begun = frame(DATA, 0, 1, event("{\"text\":\"hm\"}").as_bytes());
    for broken in [
        reset(INTERNAL_ERROR),
        go_away(1, NO_ERROR),
        [head(), begun, reset(REFUSED_STREAM)].concat(),
    ] {
        let (house, order) = house(vec![broken.clone(), finished()]).await;
        let mut job = house.engine.start(order);
        let (_, turn) = events_until_over(&mut job).await;
        let error = turn.error.expect("it failed");
        assert_eq!(turn.attempts, 1, "{broken:?}");
        assert_eq!((error.kind, error.billed), (Kind::Cut, Billed::Maybe), "{error}");
    }
}
