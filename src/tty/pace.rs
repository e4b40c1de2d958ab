//! How fast an upload may go: so that a key's echo never waits behind a picture on a slow link, and a fast link is
//! filled. Sans-IO; the time is an argument.
//!
//! After each stretch of bytes the terminal is asked `CSI 5 n`; what is not answered yet is under way, and the
//! window bounds it. Answers that take longer than the quickest one mean a queue somewhere, and the window shrinks.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Asks the terminal to say when it has come this far.
const QUESTION: &[u8] = b"\x1b[5n";
/// So many bytes go out between two questions.
const STRETCH: usize = 12 * 1024;
const SMALLEST: usize = STRETCH;
const LARGEST: usize = 1024 * 1024;
/// Answers may be so much slower than the quickest one before the window shrinks.
const SLACK: Duration = Duration::from_millis(60);
/// A question that is unanswered for so long is lost.
const LOST: Duration = Duration::from_secs(3);

/// Whether the next slice may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Now,
    /// Ask again after an answer, or after this time.
    Wait(Duration),
}

#[derive(Debug)]
pub(super) struct Pace {
    window: usize,
    /// Bytes since the last question.
    unasked: usize,
    /// When each open question went out, and how many bytes before it.
    open: VecDeque<(Instant, usize)>,
    quickest: Option<Duration>,
    /// When the last answer came.
    heard: Option<Instant>,
    /// Bytes a second, smoothed.
    rate: Option<f64>,
    /// The terminal has let a question go by without ever answering one: it is not asked again.
    mute: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            window: 2 * STRETCH,
            unasked: 0,
            open: VecDeque::new(),
            quickest: None,
            heard: None,
            rate: None,
            mute: false,
        }
    }
}

impl Pace {
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        if let Some((asked, _)) = self.open.front() {
            let lost = LOST.saturating_sub(now.saturating_duration_since(*asked));
            if lost.is_zero() {
                self.mute = self.quickest.is_none();
                self.window = SMALLEST;
                self.open.clear();
            } else if self.open.iter().map(|(_, bytes)| bytes).sum::<usize>() >= self.window {
                return Turn::Wait(lost);
            }
        }
        Turn::Now
    }

    /// Bytes have gone out, perhaps the last of their upload; what to append to them, if anything.
    pub(super) fn sent(&mut self, bytes: usize, last: bool, now: Instant) -> Option<&'static [u8]> {
        self.unasked += bytes;
        if self.mute || (self.unasked < STRETCH && !last) {
            return None;
        }
        self.open.push_back((now, std::mem::take(&mut self.unasked)));
        Some(QUESTION)
    }

    /// A frame has gone out; what to append to it, if anything. One that names a picture's pieces is as long as two
    /// stretches, and an upload behind it is to know.
    pub(super) fn drawn(&mut self, bytes: usize, now: Instant) -> Option<&'static [u8]> {
        if bytes < STRETCH {
            return None;
        }
        self.sent(bytes, true, now)
    }

    /// What the link carries: two answers whose questions were under way together come as far apart as their bytes take.
    fn measure(&mut self, asked: Instant, bytes: usize, now: Instant) {
        let before = self.heard.replace(now).filter(|before| *before > asked);
        let Some(apart) = before.map(|before| now.saturating_duration_since(before)) else {
            return;
        };
        #[expect(clippy::cast_precision_loss, reason = "a stretch of some kilobytes")]
        let sample = bytes as f64 / apart.as_secs_f64().max(0.000_1);
        self.rate = Some(self.rate.map_or(sample, |rate| rate * 0.7 + sample * 0.3));
    }

    /// How many bytes a second the terminal was last seen to take, once it was seen.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative"
    )]
    pub(super) fn rate(&self) -> Option<u64> {
        self.rate.map(|rate| rate as u64)
    }

    /// A question was answered; false if none was open.
    pub(super) fn answered(&mut self, now: Instant) -> bool {
        let Some((asked, bytes)) = self.open.pop_front() else {
            return false;
        };
        self.measure(asked, bytes, now);
        let took = now.saturating_duration_since(asked);
        let quickest = self.quickest.map_or(took, |quickest| quickest.min(took));
        self.quickest = Some(quickest);
        self.window = if took > quickest + SLACK {
            // A step, not half: what a link of some length holds would be given up each time.
            self.window.saturating_sub(STRETCH).max(SMALLEST)
        } else {
            (self.window + STRETCH).min(LARGEST)
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLICE: usize = 4096;

    /// Sends until it may not; how many bytes went.
    fn fill(pace: &mut Pace, now: Instant) -> usize {
        let mut sent = 0;
        while pace.turn(now) == Turn::Now && sent < 2 * LARGEST {
            pace.sent(SLICE, false, now);
            sent += SLICE;
        }
        sent
    }

    #[test]
    fn a_slow_terminal_gets_little_and_a_quick_one_more() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(fill(&mut pace, start), 24 * 1024);
        for _ in 0..20 {
            pace.answered(start + Duration::from_millis(20));
        }
        let quick = fill(&mut pace, start);
        assert!(quick >= 36 * 1024, "{quick}");
        for _ in 0..20 {
            pace.answered(start + Duration::from_millis(500));
        }
        assert_eq!(fill(&mut pace, start), SMALLEST);
    }

    #[test]
    fn a_terminal_that_never_answers_is_not_waited_for_twice() {
        let start = Instant::now();
        let mut pace = Pace::default();
        fill(&mut pace, start);
        assert_eq!(
            pace.turn(start + Duration::from_secs(1)),
            Turn::Wait(Duration::from_secs(2))
        );
        assert!(fill(&mut pace, start + LOST) >= LARGEST);
        assert_eq!(pace.sent(LARGEST, true, start + LOST), None);
    }

    #[test]
    fn what_the_link_carries_is_told_by_answers_that_follow_each_other() {
        let start = Instant::now();
        let mut pace = Pace::default();
        fill(&mut pace, start);
        // Ten megabits a second behind a round trip of 50 ms.
        pace.answered(start + Duration::from_millis(60));
        assert_eq!(pace.rate(), None);
        pace.answered(start + Duration::from_millis(70));
        assert!(pace.rate().is_some_and(|rate| rate.abs_diff(1_228_800) < 10_000));
    }

    #[test]
    fn an_answer_that_was_not_asked_for_changes_nothing() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert!(!pace.answered(start));
        assert_eq!(fill(&mut pace, start), 24 * 1024);
    }
}
