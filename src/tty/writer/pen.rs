//! The thread behind the writer: it takes what is queued in its order and waits for the terminal to have room.

use std::io::PipeReader;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::{Kind, Message, Queue, Shared, Stage, Upload};
use crate::tty::pace::Turn;

/// At most so much goes out in one write, so that a shutdown is noticed in between.
const BITE: usize = 16 * 1024;

/// Why writing ended.
enum Gone {
    Terminal,
    /// Nobody cares for the rest.
    Abandoned,
}

/// The thread's own side.
pub(super) struct Pen {
    pub(super) terminal: OwnedFd,
    /// The terminal was given back in an emergency.
    pub(super) silence: Arc<AtomicBool>,
    pub(super) woken: PipeReader,
    pub(super) shared: Arc<Shared>,
    pub(super) sender: mpsc::UnboundedSender<Message>,
}

impl Pen {
    pub(super) fn run(self) {
        let ended = self.work();
        let mut queue = self.shared.lock();
        queue.stage = Stage::Ended;
        queue.uploads.clear();
        drop(queue);
        self.shared.changed.notify_all();
        if let Err(Gone::Terminal) = ended {
            self.say(Message::Detached);
        }
    }

    fn say(&self, message: Message) {
        // A loop that has ended listens to nobody.
        let _ = self.sender.send(message);
    }

    fn work(&self) -> Result<(), Gone> {
        while let Some((kind, bytes)) = self.next()? {
            self.write(&bytes)?;
            self.written(kind);
        }
        Ok(())
    }

    /// Waits for the next piece; `None` after the last.
    fn next(&self) -> Result<Option<(Kind, Vec<u8>)>, Gone> {
        let mut queue = self.shared.lock();
        loop {
            if queue.stage == Stage::Abandoned {
                return Err(Gone::Abandoned);
            }
            let now = Instant::now();
            let mut timeout = None;
            let next = if let Some(bytes) = queue.urgent.pop_front() {
                Some((Kind::Urgent, bytes))
            } else if let Some(mut bytes) = queue.frames.pop_front() {
                bytes.extend_from_slice(queue.pace.drawn(bytes.len(), now).unwrap_or_default());
                Some((Kind::Frame, bytes))
            } else {
                match queue.pace.turn(now) {
                    Turn::Now => slice(&mut queue, now),
                    Turn::Wait(rest) => {
                        timeout = Some(rest).filter(|_| !queue.uploads.is_empty());
                        None
                    }
                }
            };
            if let Some((kind, bytes)) = next {
                queue.current = Some(kind);
                return Ok(Some((kind, bytes)));
            }
            if queue.stage == Stage::Closing {
                return Ok(None);
            }
            queue.asleep = true;
            drop(queue);
            self.sleep(None, timeout)?;
            queue = self.shared.lock();
            queue.asleep = false;
        }
    }

    fn written(&self, kind: Kind) {
        let mut queue = self.shared.lock();
        queue.current = None;
        let message = match kind {
            Kind::Urgent => None,
            Kind::Frame => queue.frames.is_empty().then_some(Message::Free),
            Kind::Slice(id) => {
                let done = |upload: &mut Upload| upload.id == id && upload.slices.is_empty();
                queue.uploads.pop_front_if(done).map(|_| Message::Uploaded(id))
            }
        };
        let idle = queue.is_empty();
        drop(queue);
        if idle {
            self.shared.changed.notify_all();
        }
        if let Some(message) = message {
            self.say(message);
        }
    }

    fn write(&self, mut bytes: &[u8]) -> Result<(), Gone> {
        while !bytes.is_empty() {
            if self.silence.load(Ordering::SeqCst) || self.shared.lock().stage == Stage::Abandoned {
                return Err(Gone::Abandoned);
            }
            match rustix::io::write(&self.terminal, &bytes[..bytes.len().min(BITE)]) {
                Ok(length) => bytes = &bytes[length..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.wait_for_room()?,
                Err(_) => return Err(Gone::Terminal),
            }
        }
        Ok(())
    }

    fn wait_for_room(&self) -> Result<(), Gone> {
        let mut queue = self.shared.lock();
        if queue.stage == Stage::Abandoned {
            return Err(Gone::Abandoned);
        }
        queue.asleep = true;
        drop(queue);
        let slept = self.sleep(Some(&self.terminal), None);
        self.shared.lock().asleep = false;
        slept
    }

    /// Sleeps until woken, until the terminal has room where that is waited for, or until the time is over.
    fn sleep(&self, terminal: Option<&OwnedFd>, timeout: Option<Duration>) -> Result<(), Gone> {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut waiting = vec![PollFd::new(&self.woken, PollFlags::IN)];
        waiting.extend(terminal.map(|terminal| PollFd::new(terminal, PollFlags::OUT)));
        match poll(&mut waiting, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Err(Gone::Terminal),
        }
        let woken = waiting.first().is_some_and(|woken| !woken.revents().is_empty());
        match woken.then(|| rustix::io::read(&self.woken, &mut [0; 8])) {
            // The handle is gone, and nobody can want anything any more.
            Some(Ok(0) | Err(_)) => Err(Gone::Abandoned),
            _ => Ok(()),
        }
    }
}

/// The next slice of the first upload, with a question to the terminal where the pace wants one.
fn slice(queue: &mut Queue, now: Instant) -> Option<(Kind, Vec<u8>)> {
    let upload = queue.uploads.front_mut()?;
    let id = upload.id;
    let mut bytes = upload.slices.pop_front().unwrap_or_default();
    let last = upload.slices.is_empty();
    if let Some(question) = queue.pace.sent(bytes.len(), last, now) {
        bytes.extend_from_slice(question);
    }
    Some((Kind::Slice(id), bytes))
}
