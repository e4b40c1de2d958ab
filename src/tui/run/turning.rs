//! The turning of the loop: it waits, takes in what has come, tells the model, and performs what comes of it.

use std::collections::VecDeque;
use std::time::Duration;

use ratatui::Terminal as Canvas;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::{DRAIN, End, FRAME, House, Loop, TMUX, Wake, now_ms};
use crate::logs;
use crate::tty::{self, Burst, Device, Guard, Lexer, Reader, Screen, Signals, Writer};
use crate::tui::effect::Effect;
use crate::tui::model::TICK_MS;
use crate::tui::msg::{JobEvent, Msg};
use crate::tui::shell::display::Display;
use crate::tui::shell::errands::Errands;
use crate::tui::shell::local::Helper;
use crate::tui::shell::{Deed, Note, Shell};
use crate::tui::update;

impl Loop {
    pub(super) fn start(house: House, device: Device) -> std::io::Result<Self> {
        let signals = Signals::new()?;
        let guard = Guard::enter(&device)?;
        let (writer, written) = Writer::start(&device)?;
        let (reader, bytes) = Reader::start(&device)?;
        let window = device.window();
        let display = Display::new(house.hints, house.colours, house.remote, window);
        let mut setup = house.setup;
        setup.size = Size::new(window.columns, window.rows);
        setup.now_ms = now_ms();
        setup.terminal = display.terminal();
        let errands = Errands::new(&setup, house.route, house.routes, house.limits);
        let (model, effects) = update::start(setup);
        let (inbox, notes) = mpsc::unbounded_channel();
        let faults = inbox.clone();
        logs::on_fault(move |fault| {
            // A loop that has ended shows nothing; the report is there all the same.
            let _ended = faults.send(Note::Msg(Msg::Problem(fault.error("A worker failed"))));
        });
        let canvas = Canvas::new(Screen::new(window)).unwrap_or_else(|never| match never {});
        let mut event_loop = Self {
            model,
            shell: Shell::new(
                house.store,
                house.engine,
                errands,
                inbox,
                &house.cache_dir,
                house.attaching,
            ),
            display,
            helper: Helper::new(house.notify, house.progress, house.remote),
            last_carried: u32::MAX,
            canvas,
            lexer: Lexer::new(),
            reader,
            bytes,
            writer,
            written,
            notes,
            signals,
            guard,
            tmux_asked: None,
            errand: None,
            last_errand: 0,
            uploads: VecDeque::new(),
            watched: None,
            frame: Buffer::default(),
            after_frame: Vec::new(),
            dirty: true,
            drawn: None,
            flush_at: None,
            burst: Burst::default(),
            tick_at: None,
            background: None,
            end: None,
            panic: house.panic,
            note: house.note,
            device,
        };
        event_loop.mind_symbols();
        // The question goes out behind the first frame: a slow terminal shows the panes while it thinks.
        event_loop.after_frame = event_loop.display.question();
        event_loop.ask_tmux();
        event_loop.draw();
        event_loop.perform(effects);
        Ok(event_loop)
    }

    pub(super) async fn turn_until_end(&mut self) -> End {
        loop {
            let wake = self.wait().await;
            let until = Instant::now() + DRAIN;
            self.feed(Msg::Tick(now_ms()));
            self.take(wake);
            while self.end.is_none() && Instant::now() < until {
                let Some(wake) = self.ready() else { break };
                self.take(wake);
            }
            self.overdue();
            if let Some(end) = self.end {
                return end;
            }
            if self.may_draw() && self.frame_due().is_none_or(|due| due <= Instant::now()) {
                self.draw();
            }
        }
    }

    /// Whether there is something to draw and somewhere to draw it.
    fn may_draw(&self) -> bool {
        self.dirty && self.background.is_none() && self.writer.is_free()
    }

    /// When the next frame may be drawn, if the last one was a moment ago.
    pub(super) fn frame_due(&self) -> Option<Instant> {
        self.drawn.map(|drawn| drawn + FRAME)
    }

    /// Sleeps until something happens.
    pub(super) async fn wait(&mut self) -> Wake {
        let frame = self.may_draw().then(|| self.frame_due()).flatten();
        let burst = self.burst.due().map(Instant::from_std);
        let deadline = [self.flush_at, burst, self.tick_at, frame, self.background];
        let deadline = deadline.into_iter().flatten().min();
        let deadline = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.signals.next() => Wake::Signal(signal),
            message = self.bytes.recv() => Wake::Reader(message),
            message = self.written.recv() => Wake::Writer(message),
            note = self.notes.recv() => Wake::Note(note),
            () = deadline => Wake::Time,
        }
    }

    /// What else has happened already.
    pub(super) fn ready(&mut self) -> Option<Wake> {
        if let Ok(message) = self.bytes.try_recv() {
            return Some(Wake::Reader(Some(message)));
        }
        if let Ok(message) = self.written.try_recv() {
            return Some(Wake::Writer(Some(message)));
        }
        self.notes.try_recv().ok().map(|note| Wake::Note(Some(note)))
    }

    pub(super) fn take(&mut self, wake: Wake) {
        match wake {
            Wake::Time | Wake::Note(None) | Wake::Writer(Some(tty::writer::Message::Free)) => {}
            Wake::Signal(signal) => self.signal(signal),
            Wake::Reader(Some(tty::reader::Message::Bytes(bytes))) => self.read(bytes),
            Wake::Reader(Some(tty::reader::Message::Background)) => self.come_back(),
            Wake::Writer(Some(tty::writer::Message::Uploaded(number))) => self.went_out(number),
            Wake::Reader(Some(tty::reader::Message::Detached) | None)
            | Wake::Writer(Some(tty::writer::Message::Detached) | None) => self.end = Some(End::Detached),
            Wake::Note(Some(Note::Msg(msg))) => self.feed(msg),
            Wake::Note(Some(Note::Route(provider, route))) => self.shell.routed(&provider, &route),
            Wake::Note(Some(Note::Preview(preview))) => self.preview(preview),
            Wake::Note(Some(Note::Fact(fact))) => self.learn(&fact),
            Wake::Note(Some(Note::Carry(pieces, words))) => self.carry(pieces, words),
        }
    }

    pub(super) fn learn(&mut self, fact: &tty::Fact) {
        if let tty::Fact::Clipboard(packet) = fact {
            return self.clipboard(packet);
        }
        if self.display.learn(fact) {
            self.start_over();
        } else if matches!(fact, tty::Fact::Name(_) | tty::Fact::Mode { .. }) {
            self.mind_symbols();
        }
        if matches!(fact, tty::Fact::Scheme { .. }) {
            let question = self.display.question_on_focus();
            self.send(question);
        }
        if self.display.meets_another() {
            let question = self.display.question();
            self.send(question);
        }
    }

    /// The tmux in between knows what the terminal outside cannot always be asked.
    pub(super) fn ask_tmux(&mut self) {
        if self.display.has_tmux_command() {
            self.tmux_asked = Some(Instant::now());
            self.shell.ask_tmux();
        }
    }

    /// A terminal that is attached to tmux when the last one was torn off brings no focus and no other size: the first
    /// key does.
    pub(super) fn ask_tmux_at_times(&mut self) {
        if self.tmux_asked.is_none_or(|asked| asked.elapsed() > TMUX) {
            self.ask_tmux();
        }
    }

    /// What the deadlines have brought.
    pub(super) fn overdue(&mut self) {
        let now = Instant::now();
        if self.background.is_some_and(|look_at| look_at <= now) && self.end.is_none() {
            self.come_back();
        }
        self.overdue_input(now);
        if self.model.needs_tick() {
            if self.tick_at.is_none_or(|due| due <= now) {
                self.tick_at = Some(now + Duration::from_millis(TICK_MS));
            }
        } else {
            self.tick_at = None;
        }
    }

    pub(super) fn feed(&mut self, msg: Msg) {
        // A tick changes what is seen only while something moves.
        let quiet = matches!(msg, Msg::Tick(_)) && !self.model.needs_tick();
        if let Msg::Job(
            job,
            JobEvent::Finished(_) | JobEvent::Failed(_) | JobEvent::Unsaved(_) | JobEvent::Refused(_),
        ) = &msg
        {
            self.shell.over(*job);
        }
        self.dirty |= !quiet;
        let effects = update::update(&mut self.model, msg);
        self.perform(effects);
    }

    pub(super) fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match self.shell.perform(effect) {
                None => {}
                Some(Deed::Show(wants)) => self.show_just(wants),
                Some(Deed::Local(local)) => self.local(local),
                Some(Deed::Redraw) => self.redraw(),
                Some(Deed::Suspend) => self.suspend(),
                Some(Deed::Quit { finish }) => self.end = Some(End::Quit { finish }),
            }
        }
    }
}
