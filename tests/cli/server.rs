//! Servers for the program under test: the demo behind a counter, and one that answers with whatever it was given.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tintype::demo::{self, Options, Style};

/// The demo provider, each call to it counted.
pub(crate) struct Counted {
    pub(crate) base_url: String,
    calls: Arc<AtomicUsize>,
    /// The demo runs until this goes away.
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Counted {
    pub(crate) fn start(speed: f64) -> Self {
        Self::with_style(speed, Style::Relay)
    }

    pub(crate) fn with_style(speed: f64, style: Style) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (told, address) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let server = demo::start(Options {
                    speed,
                    style,
                    ..Options::default()
                })
                .await
                .unwrap();
                told.send(server.base_url().trim_start_matches("http://").to_owned())
                    .unwrap();
                let _dropped = stopped.await;
            });
            runtime.shutdown_background();
        });
        let demo = address.recv().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                let server = TcpStream::connect(&demo).unwrap();
                pass(client.try_clone().unwrap(), server.try_clone().unwrap());
                pass(server, client);
            }
        });
        Self {
            base_url,
            calls,
            _stop: stop,
        }
    }

    /// How many connections have been made since the last time of asking.
    pub(crate) fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }
}

/// Carries bytes from one to the other until either ends.
fn pass(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ended = std::io::copy(&mut from, &mut to);
        let _gone = to.shutdown(Shutdown::Write);
    });
}

/// A server that gives every call the same answer, `KEY` in it replaced by whatever key the call had.
pub(crate) struct Echo {
    pub(crate) base_url: String,
    answer: Arc<Mutex<Vec<u8>>>,
    calls: Receiver<Call>,
}

/// A call as it arrived.
pub(crate) struct Call {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Echo {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(Vec::new()));
        let (told, calls) = mpsc::channel();
        let given = Arc::clone(&answer);
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let call = request(&mut client);
                let _sent = client.write_all(&given.lock().unwrap());
                let _gone = client.shutdown(Shutdown::Write);
                // Reading to its end spares the client a reset that would take the answer with it.
                let _rest = std::io::copy(&mut client, &mut std::io::sink());
                if told.send(call).is_err() {
                    break;
                }
            }
        });
        Self {
            base_url,
            answer,
            calls,
        }
    }

    /// What the next calls get: the whole response, from its status line on.
    pub(crate) fn answer_with(&self, response: impl Into<Vec<u8>>) {
        *self.answer.lock().unwrap() = response.into();
    }

    /// The heads of the calls since the last time of asking; a call is known once its connection has ended.
    pub(crate) fn heads(&self) -> Vec<String> {
        let mut heads = vec![self.head()];
        heads.extend(self.calls.try_iter().map(|call| call.head));
        heads
    }

    /// The head of the last call.
    pub(crate) fn head(&self) -> String {
        self.call().head
    }

    /// Returns whether there has been a call since the last time of asking.
    pub(crate) fn was_called(&self) -> bool {
        self.calls.try_recv().is_ok()
    }

    /// The last of the calls since the last time of asking.
    pub(crate) fn last_call(&self) -> Call {
        let mut last = self.call();
        // Several may have come at once, and each is known a moment after its end.
        while let Ok(next) = self.calls.recv_timeout(Duration::from_millis(300)) {
            last = next;
        }
        last
    }

    /// The next call.
    pub(crate) fn call(&self) -> Call {
        self.calls.recv_timeout(crate::PATIENCE).unwrap()
    }
}

/// Reads a request.
fn request(client: &mut TcpStream) -> Call {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = head {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                let body = bytes.split_off(end + 4);
                return Call { head, body };
            }
        }
        match client.read(&mut buffer) {
            Ok(0) | Err(_) => {
                let head = String::from_utf8_lossy(&bytes).into_owned();
                let body = Vec::new();
                return Call { head, body };
            }
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
