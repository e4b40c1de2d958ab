//! The one thread that writes to the terminal: frames first, small sequences before them, slices of an upload in
//! between. Whoever queues never waits, whatever the terminal does. It knows nothing of what the bytes mean; each
//! queued piece is whole escape sequences and leaves the cursor and the colours as it found them, but for frames.

mod pen;

use std::collections::VecDeque;
use std::io::{self, PipeWriter, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::Device;
use super::pace::Pace;
use pen::Pen;

/// What the writer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The last frame is out: the next may be drawn.
    Free,
    /// Every slice of this upload is out.
    Uploaded(u32),
    /// The terminal is gone; said once, and the last thing said.
    Detached,
}

/// How long a shutdown waits for a terminal that does not read.
const PATIENCE: Duration = Duration::from_millis(200);

#[derive(Debug)]
struct Upload {
    id: u32,
    slices: VecDeque<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Queue {
    urgent: VecDeque<Vec<u8>>,
    frames: VecDeque<Vec<u8>>,
    uploads: VecDeque<Upload>,
    pace: Pace,
    /// The piece that is on its way out.
    current: Option<Kind>,
    /// The thread sleeps in the kernel, and a byte in the pipe wakes it.
    asleep: bool,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Open,
    /// What is queued still goes out, and then the thread ends.
    Closing,
    /// What is queued does not matter any more.
    Abandoned,
    Ended,
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.frames.is_empty() && self.current.is_none()
    }
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handle of the writing thread.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    wake: PipeWriter,
}

impl Writer {
    /// Begins to write to the terminal.
    pub fn start(device: &Device) -> io::Result<(Self, mpsc::UnboundedReceiver<Message>)> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let (woken, wake) = io::pipe()?;
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::default()),
            changed: Condvar::new(),
        });
        let pen = Pen {
            terminal: device.output()?,
            silence: device.silence(),
            woken,
            shared: Arc::clone(&shared),
            sender,
        };
        thread::Builder::new()
            .name("tty-writer".to_owned())
            .spawn(move || pen.run())?;
        Ok((Self { shared, wake }, receiver))
    }

    /// Whether the last frame is out. A frame queued before that is not lost, but the terminal is behind.
    pub fn is_free(&self) -> bool {
        let queue = self.shared.lock();
        queue.frames.is_empty() && queue.current != Some(Kind::Frame)
    }

    /// Queues a frame, such as [`Screen::take_frame`](super::Screen::take_frame).
    pub fn frame(&mut self, bytes: Vec<u8>) {
        self.put(|queue| queue.frames.push_back(bytes));
    }

    /// Queues a small sequence that goes out before anything else, such as a question or the deletion of a picture.
    pub fn send(&mut self, bytes: Vec<u8>) {
        self.put(|queue| queue.urgent.push_back(bytes));
    }

    /// Queues an upload. Its slices go out between frames, at the pace at which the terminal reads them.
    pub fn upload(&mut self, id: u32, slices: Vec<Vec<u8>>) {
        self.put(|queue| {
            queue.uploads.push_back(Upload {
                id,
                slices: slices.into(),
            });
        });
    }

    /// Forgets what is left of an upload; true if there was something left. The terminal then holds half a picture,
    /// which is to be deleted.
    pub fn cancel(&mut self, id: u32) -> bool {
        let mut queue = self.shared.lock();
        let before = queue.uploads.len();
        queue.uploads.retain(|upload| upload.id != id);
        queue.uploads.len() != before
    }

    /// How many bytes of uploads a second the terminal was last seen to take; nothing before the first of some length.
    pub fn rate(&self) -> Option<u64> {
        self.shared.lock().pace.rate()
    }

    /// The terminal has answered `CSI 5 n` ([`Fact::Ready`](super::Fact::Ready)): more of an upload may follow. False
    /// if the writer had not asked, so that the answer is someone else's.
    pub fn acknowledge(&mut self) -> bool {
        let mut ours = false;
        self.put(|queue| ours = queue.pace.answered(Instant::now()));
        ours
    }

    /// Lets out what is queued but for uploads, then ends. A terminal that does not read gets 200 ms; false if that
    /// was not enough, or the terminal is gone.
    pub fn shutdown(&mut self) -> bool {
        self.put(|queue| {
            queue.stage = Stage::Closing;
            queue.uploads.clear();
        });
        let done = self.wait_for_end(PATIENCE);
        if !done {
            // It ends at once, unless the terminal could not be opened without blocking.
            self.put(|queue| queue.stage = Stage::Abandoned);
            self.wait_for_end(PATIENCE / 4);
        }
        done && self.shared.lock().is_empty()
    }

    /// Whether the thread ends in this time.
    fn wait_for_end(&self, patience: Duration) -> bool {
        let running = |queue: &mut Queue| queue.stage != Stage::Ended;
        let waited = self
            .shared
            .changed
            .wait_timeout_while(self.shared.lock(), patience, running);
        waited.is_ok_and(|(queue, _)| queue.stage == Stage::Ended)
    }

    /// Waits until everything but uploads is out, for at most 200 ms, as before the terminal is lent to an editor.
    /// Uploads under way are forgotten; their ids are the answer.
    pub fn drain(&mut self) -> Vec<u32> {
        let mut lost = Vec::new();
        self.put(|queue| lost.extend(queue.uploads.drain(..).map(|upload| upload.id)));
        let queue = self.shared.lock();
        let rest = |queue: &mut Queue| !queue.is_empty() && queue.stage != Stage::Ended;
        // Late is late: the caller takes the terminal in any case.
        drop(self.shared.changed.wait_timeout_while(queue, PATIENCE, rest));
        lost
    }

    fn put(&mut self, change: impl FnOnce(&mut Queue)) {
        let mut queue = self.shared.lock();
        if queue.stage == Stage::Ended {
            return;
        }
        change(&mut queue);
        let asleep = std::mem::take(&mut queue.asleep);
        drop(queue);
        if asleep {
            // At most one byte is ever in the pipe, so this cannot block; a thread that has ended needs none.
            let _ = self.wake.write(&[0]);
        }
    }
}

/// What a piece is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Urgent,
    Frame,
    Slice(u32),
}
