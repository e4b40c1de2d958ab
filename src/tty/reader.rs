//! A thread that waits for the terminal's bytes and passes them on. It sleeps in the kernel and wakes for nothing
//! else; a terminal that is gone ends it. It knows nothing of what the bytes mean.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::{Device, foreground};

/// What the reader says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Bytes(Vec<u8>),
    /// Something has come for whoever has the terminal by now: the program is in the background. Nothing is read until
    /// [`Reader::resume`].
    Background,
    /// The terminal is gone; said once, and the last thing said.
    Detached,
}

/// So many batches may wait for the loop; then the terminal has to wait.
const BATCHES: usize = 64;
/// A pause is granted at once unless the loop leaves [`BATCHES`] unread.
const PATIENCE: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Reading,
    Paused,
    Stopped,
}

#[derive(Debug)]
struct Shared {
    wanted: Mutex<(Wanted, bool)>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, (Wanted, bool)> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that reads the terminal; dropping it stops the thread.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    wake: PipeWriter,
}

impl Reader {
    /// Begins to read the terminal.
    pub fn start(device: &Device) -> io::Result<(Self, mpsc::Receiver<Message>)> {
        let (sender, receiver) = mpsc::channel(BATCHES);
        let terminal = device.input()?;
        let (woken, wake) = io::pipe()?;
        let shared = Arc::new(Shared {
            wanted: Mutex::new((Wanted::Reading, false)),
            changed: Condvar::new(),
        });
        let theirs = Arc::clone(&shared);
        thread::Builder::new()
            .name("tty-reader".to_owned())
            .spawn(move || {
                let ended = read(&terminal, &woken, &theirs, &sender);
                theirs.lock().1 = true;
                theirs.changed.notify_all();
                if let Err(Gone::Terminal) = ended {
                    // A loop that has ended needs no farewell.
                    let _ = sender.blocking_send(Message::Detached);
                }
            })?;
        Ok((Self { shared, wake }, receiver))
    }

    /// Leaves the terminal's input to someone else, such as an editor. True once no byte is taken any more.
    pub fn pause(&mut self) -> bool {
        self.want(Wanted::Paused);
        let shared = Arc::clone(&self.shared);
        let waited = shared
            .changed
            .wait_timeout_while(shared.lock(), PATIENCE, |(_, resting)| !*resting);
        waited.is_ok_and(|(_, timeout)| !timeout.timed_out())
    }

    /// Reads again after [`pause`](Self::pause).
    pub fn resume(&mut self) {
        self.want(Wanted::Reading);
    }

    fn want(&mut self, wanted: Wanted) {
        self.shared.lock().0 = wanted;
        self.shared.changed.notify_all();
        // The thread may be gone, and then there is nobody to wake.
        let _ = self.wake.write(&[0]);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.want(Wanted::Stopped);
    }
}

/// Why reading ended.
enum Gone {
    Terminal,
    Listener,
}

fn read(
    terminal: &OwnedFd,
    woken: &PipeReader,
    shared: &Shared,
    sender: &mpsc::Sender<Message>,
) -> Result<(), Gone> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        rest(shared)?;
        let mut waiting = [
            PollFd::new(terminal, PollFlags::IN),
            PollFd::new(woken, PollFlags::IN),
        ];
        match poll(&mut waiting, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Err(Gone::Terminal),
        }
        let [terminal_events, wake_events] = waiting.map(|waited| waited.revents());
        if !wake_events.is_empty() {
            // Whatever was in the pipe said one thing: look at what is wanted.
            let _ = rustix::io::read(woken, &mut buffer[..64]);
            continue;
        }
        if terminal_events.is_empty() {
            continue;
        }
        match rustix::io::read(terminal, &mut buffer) {
            Ok(0) => return Err(Gone::Terminal),
            Ok(length) => {
                let bytes = Message::Bytes(buffer[..length].to_vec());
                sender.blocking_send(bytes).map_err(|_| Gone::Listener)?;
            }
            Err(Errno::INTR) => {}
            Err(Errno::IO) if !foreground::is_ours(terminal) => {
                let mut wanted = shared.lock();
                if wanted.0 == Wanted::Reading {
                    wanted.0 = Wanted::Paused;
                }
                drop(wanted);
                sender
                    .blocking_send(Message::Background)
                    .map_err(|_| Gone::Listener)?;
            }
            // A hang-up stays readable for ever: only bytes count as life.
            Err(Errno::AGAIN) if !terminal_events.intersects(PollFlags::HUP | PollFlags::ERR) => {}
            Err(_) => return Err(Gone::Terminal),
        }
    }
}

/// Sleeps while a pause is wanted.
fn rest(shared: &Shared) -> Result<(), Gone> {
    let mut wanted = shared.lock();
    while wanted.0 == Wanted::Paused {
        wanted.1 = true;
        shared.changed.notify_all();
        wanted = shared
            .changed
            .wait(wanted)
            .unwrap_or_else(PoisonError::into_inner);
    }
    wanted.1 = false;
    match wanted.0 {
        Wanted::Stopped => Err(Gone::Listener),
        _ => Ok(()),
    }
}
