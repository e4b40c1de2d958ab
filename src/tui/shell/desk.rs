//! The desk at which what is wanted is made, in the order in which it is wanted: one thing at a time, and another one at
//! once when the wishes change. A picture that is still arriving is painted beside that.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until};

use super::Note;
use super::cache::Cache;
use super::darkroom::Darkroom;
use super::growing;
use super::preview::{Encoding, Grade, Preview, grade};
use crate::graphics;
use crate::logs;
use crate::tui::pixels::{PictureKey, Still, Subject, Want};

/// Wishes that follow each other faster than this are a scroll or a resize: they get sketches until they settle.
const SETTLE: Duration = Duration::from_millis(80);
/// A second wish in this time is the next step of a scroll.
const STEP: Duration = Duration::from_millis(400);

/// One picture is decoded at a time.
static DECODING: Semaphore = Semaphore::const_new(1);

/// Whether something small is shown before what is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sketches {
    None,
    /// At once, also while a list is scrolled.
    Quick,
    /// Once the scroll has settled: the link would be full of what is wanted no more.
    Settled,
}

/// What is to be made now.
#[derive(Clone, Debug)]
struct Order {
    /// The most important first; none that the terminal shows already.
    wants: Arc<[Want]>,
    encoding: Option<Encoding>,
    /// Something small is to be shown first, from then on.
    sketches: Option<Instant>,
    /// When what is large may be made.
    settled: Instant,
}

#[derive(Debug)]
pub(super) struct Desk {
    inbox: mpsc::UnboundedSender<Note>,
    orders: watch::Sender<Order>,
    last: Option<Instant>,
    darkroom: Arc<Darkroom>,
    growing: Option<(Want, Encoding, AbortHandle)>,
}

impl Desk {
    pub(super) fn new(inbox: mpsc::UnboundedSender<Note>, cache: Cache) -> Self {
        let (orders, receiver) = watch::channel(Order {
            wants: Arc::default(),
            encoding: None,
            sketches: None,
            settled: Instant::now(),
        });
        let darkroom = Arc::new(Darkroom::new(cache));
        tokio::spawn(work(receiver, Arc::clone(&darkroom), inbox.clone()));
        Self {
            inbox,
            orders,
            last: None,
            darkroom,
            growing: None,
        }
    }

    /// Works for these from now on, of which the terminal shows none; `all` is everything that is to be seen.
    pub(super) fn work(
        &mut self,
        missing: Vec<Want>,
        all: &[Want],
        encoding: Encoding,
        sketches: Sketches,
        grown: watch::Receiver<u64>,
    ) {
        let now = Instant::now();
        let scrolls = self.last.replace(now).is_some_and(|last| now - last < STEP);
        self.darkroom.keep(&looked_at(all));
        let (arriving, stills): (Vec<_>, Vec<_>) = missing
            .into_iter()
            .partition(|want| matches!(want.subject, Subject::Whole(PictureKey::Growing(_))));
        self.grow(arriving.into_iter().next(), encoding, grown);
        self.orders.send_replace(Order {
            wants: stills.into(),
            encoding: Some(encoding),
            sketches: match sketches {
                Sketches::None => None,
                Sketches::Settled if scrolls => Some(now + SETTLE),
                Sketches::Settled | Sketches::Quick => Some(now),
            },
            settled: if scrolls { now + SETTLE } else { now },
        });
    }

    fn grow(&mut self, want: Option<Want>, encoding: Encoding, grown: watch::Receiver<u64>) {
        let now = want.as_ref().map(|want| (want, &encoding));
        if self.growing.as_ref().map(|(want, encoding, _)| (want, encoding)) == now {
            return;
        }
        if let Some((_, _, work)) = self.growing.take() {
            work.abort();
        }
        let Some(want) = want else { return };
        let Subject::Whole(PictureKey::Growing(path)) = &want.subject else {
            return;
        };
        let (path, wanted, inbox): (PathBuf, _, _) = (path.clone(), want.clone(), self.inbox.clone());
        let task = tokio::spawn(async move {
            growing::paint(wanted, &path, encoding, grown, &inbox).await;
        });
        self.growing = Some((want, encoding, task.abort_handle()));
    }
}

/// The pictures whose pixels are wanted again with the next key.
fn looked_at(wants: &[Want]) -> Vec<&Still> {
    let stills = wants.iter().flat_map(|want| match &want.subject {
        Subject::Part(still, _) => vec![still],
        Subject::Difference(one, other, _)
        | Subject::Wipe {
            left: one,
            right: other,
            ..
        } => vec![one, other],
        Subject::Whole(_) | Subject::Thumbnail(_) => Vec::new(),
    });
    stills.collect()
}

async fn work(
    mut orders: watch::Receiver<Order>,
    darkroom: Arc<Darkroom>,
    inbox: mpsc::UnboundedSender<Note>,
) {
    // Made while a newer order came in, which still lists it.
    let mut made_meanwhile: Option<Want> = None;
    'order: loop {
        let order = orders.borrow_and_update().clone();
        let known = made_meanwhile.take();
        let Some(encoding) = order.encoding else {
            if orders.changed().await.is_err() {
                return;
            }
            continue;
        };
        for want in order.wants.iter().filter(|want| known.as_ref() != Some(*want)) {
            let making = one(want, encoding, &order, &darkroom, &inbox);
            tokio::pin!(making);
            let mut renewed = false;
            let shown = loop {
                tokio::select! {
                    shown = &mut making => break shown,
                    changed = orders.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let new = orders.borrow();
                        // What is first in line goes on; anything else has lost its turn.
                        if new.wants.first() != Some(want) || new.encoding != Some(encoding) {
                            continue 'order;
                        }
                        renewed = true;
                    }
                }
            };
            if renewed {
                // Between two orders it may have been unwanted for a moment, and thrown away.
                made_meanwhile = shown.then(|| want.clone());
                continue 'order;
            }
        }
        if orders.changed().await.is_err() {
            return;
        }
    }
}

/// Makes one thing: something small at once, then the rest. True if the terminal shows it.
async fn one(
    want: &Want,
    encoding: Encoding,
    order: &Order,
    darkroom: &Arc<Darkroom>,
    inbox: &mpsc::UnboundedSender<Note>,
) -> bool {
    let last = grade(want, encoding.cell);
    let sketch = Grade::Sketch(graphics::FIRST_PAINT);
    let is_small = matches!(want.subject, Subject::Thumbnail(_));
    let has_sketch = encoding.protocol.has_pixels() && !is_small;
    if let Some(from) = order.sketches.filter(|_| has_sketch) {
        sleep_until(from).await;
        if !print(want, encoding, sketch, true, darkroom, inbox).await {
            return false;
        }
    }
    sleep_until(order.settled).await;
    let shown = print(want, encoding, last, false, darkroom, inbox).await;
    if matches!(want.subject, Subject::Whole(_) | Subject::Thumbnail(_)) {
        darkroom.keep(&looked_at(&order.wants));
    }
    shown
}

/// Makes it and waits until the terminal shows it; false if it never will.
async fn print(
    want: &Want,
    encoding: Encoding,
    grade: Grade,
    sketch: bool,
    darkroom: &Arc<Darkroom>,
    inbox: &mpsc::UnboundedSender<Note>,
) -> bool {
    // A decoder cannot be stopped half way, and two at work at once take twice the memory. Whoever is no longer wanted
    // while it waits for its turn never gets it.
    let turn = DECODING.acquire().await;
    let (room, wanted) = (Arc::clone(darkroom), want.clone());
    let printing = spawn_blocking(move || {
        let _turn = turn;
        room.print(&wanted, &encoding, grade)
    });
    let printed = printing
        .await
        .unwrap_or_else(|panic| Err(logs::worker_failed(&panic)));
    let changed = printed.as_ref().ok().and_then(|print| print.changed);
    let (shown, seen) = oneshot::channel();
    let result = printed.map(|print| print.made);
    let _over = inbox.send(Note::Preview(Preview {
        want: want.clone(),
        result,
        rows: None,
        changed,
        sketch,
        shown: Some(shown),
    }));
    seen.await.is_ok()
}
