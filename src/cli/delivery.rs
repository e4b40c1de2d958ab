//! Where a generation's pictures go: copies for `-o`, paths or one object on standard output, and the exit code. A
//! picture that cannot be delivered is still in the store, and the user is told where.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tokio::sync::oneshot;

use super::args::Generate;
use super::follow::Ended;
use super::interrupt::Patience;
use super::report::{Refusal, Report, json, results};
use super::{events, output, rescue};
use crate::domain::{Image, ImageKind, Output, Turn, TurnStatus};
use crate::engine::Engine;
use crate::error::{Error, Kind, Result, reason};
use crate::store;

/// The exit code where some of several failed; where all did, that of the first counts.
const SOME_FAILED: u8 = 6;

/// Delivers generations as they end.
pub(super) struct Delivery<'a> {
    args: &'a Generate,
    engine: &'a Engine,
    to_stdout: bool,
    /// By the generation's number.
    ended: Vec<Option<(u8, String)>>,
    /// A copy has been made: the next one must not take its place, whatever `--force` says.
    copied: bool,
    /// A picture on its way through standard output.
    copying: Option<Copying>,
    /// Sentences that the user has read: several generations of one request say the same.
    told: HashSet<String>,
}

/// A picture that standard output takes, and the news of it.
struct Copying {
    told: oneshot::Receiver<io::Result<()>>,
    image: Image,
}

impl<'a> Delivery<'a> {
    /// Of this many generations.
    pub(super) fn new(args: &'a Generate, engine: &'a Engine, to_stdout: bool, count: usize) -> Self {
        Self {
            args,
            engine,
            to_stdout,
            ended: vec![None; count],
            copied: false,
            copying: None,
            told: HashSet::new(),
        }
    }

    /// Returns true if the user has not read this sentence yet; from now on it counts as read.
    pub(super) fn is_news(&mut self, sentence: &str) -> bool {
        self.told.insert(sentence.to_owned())
    }

    /// Copies the pictures of one out and prints what became of it.
    pub(super) fn take(&mut self, index: usize, ended: &Ended) {
        let delivered = match ended {
            Ok(turn) => {
                let dest = self.args.output.as_deref().filter(|_| !self.to_stdout);
                let force = self.args.force && !self.copied;
                self.turn(&rescue::of_turn(self.engine, turn, dest, force), index)
            }
            Err(error) => self.refused(error, index),
        };
        self.ended[index] = Some(delivered);
    }

    /// Prints what is printed once for all, waits until a reader has it, and gives the exit code. A user who wants to
    /// go does not wait.
    pub(super) async fn finish(mut self, patience: &mut Patience) -> u8 {
        let copying = self.copying.take();
        let code = self.print();
        let read = async {
            let copied = match copying {
                Some(copying) => copying.end(self.args.verbose).await,
                None => 0,
            };
            output::printed().await;
            copied
        };
        tokio::select! {
            biased;
            copied = read => if code == 0 { copied } else { code },
            _stop = patience.word() => {
                let is_cut = code == 0 && patience.is_interrupted();
                if is_cut { Kind::Cancelled.exit_code() } else { code }
            }
        }
    }

    fn print(&mut self) -> u8 {
        let ended = std::mem::take(&mut self.ended);
        let (codes, reports): (Vec<u8>, Vec<String>) = ended.into_iter().flatten().unzip();
        if self.args.json && self.args.count.is_none() {
            output::json(&reports.concat());
        } else if self.args.json {
            output::json(&format!("[{}]", reports.join(",\n ")));
        }
        let failed = codes.iter().filter(|code| **code != 0).count();
        match codes.iter().find(|code| **code != 0) {
            None => 0,
            Some(_) if failed < codes.len() => SOME_FAILED,
            Some(first) => *first,
        }
    }

    /// The exit code that a turn stands for, and its report where `--json` asks for it.
    fn turn(&mut self, turn: &Turn, index: usize) -> (u8, String) {
        let args = self.args;
        for warning in &turn.warnings {
            if self.is_news(warning) {
                output::note(&format!("tintype: {warning}"));
            }
        }
        if !args.quiet {
            pointers(turn);
        }
        let (copies, failure) = match args.output.as_deref() {
            Some(dest) if !self.to_stdout => self.copies(turn, dest),
            Some(_) if turn.error.is_none() => (Vec::new(), self.send_out(turn).err()),
            _ => (Vec::new(), None),
        };
        let error = turn.error.as_ref().or(failure.as_ref());
        let report = Report::new(turn, &copies, error, args.verbose);
        if args.events {
            events::report(index, error.is_none(), &report);
        } else if !args.json && !self.to_stdout {
            if let Some(text) = text_asked_for(turn) {
                output::line(text.trim_end());
            }
            for (index, image) in results(turn).enumerate() {
                output::path(copies.get(index).unwrap_or(&image.path));
            }
        }
        let report = self.report(&report);
        if let Some(dest) = args
            .output
            .as_deref()
            .filter(|_| error.is_none() && !self.to_stdout)
            && results(turn).next().is_none()
        {
            let path = dest.display();
            output::note(&format!(
                "The answer is text without a picture; {path} was not written"
            ));
        }
        let Some(error) = error else {
            let finished = turn.status == TurnStatus::Finished;
            return (if finished { 0 } else { Kind::Internal.exit_code() }, report);
        };
        output::error(error, args.verbose);
        if let Some(draft) = turn.picture().filter(|image| image.kind == ImageKind::Draft) {
            let path = draft.path.display();
            output::note(&format!("  What had come of the picture is in {path}"));
        }
        (error.exit_code(), report)
    }

    /// An order that never became a turn. Several copies are refused for one reason, which is printed once.
    fn refused(&mut self, error: &Error, index: usize) -> (u8, String) {
        let refusal = Refusal::new(error, self.args.verbose);
        if self.args.events {
            events::report(index, false, &refusal);
        }
        if self.is_news(&format!("{error:?}")) {
            output::error(error, self.args.verbose);
        }
        (error.exit_code(), self.report(&refusal))
    }

    /// Sends the picture on its way through standard output.
    fn send_out(&mut self, turn: &Turn) -> Result<()> {
        let pictures: Vec<_> = results(turn).collect();
        let [image] = pictures.as_slice() else {
            let many = format!("{} pictures came, and standard output takes one", pictures.len());
            return Err(Error::new(Kind::Usage, many).hint(format!(
                "They are in session {}: tintype sessions show {0}",
                turn.session
            )));
        };
        let unread = |error: io::Error| {
            let message = format!("Cannot read {}: {}", image.path.display(), reason(&error));
            Error::new(Kind::Store, message)
        };
        self.copying = Some(Copying {
            told: output::copy(File::open(&image.path).map_err(unread)?),
            image: (*image).clone(),
        });
        Ok(())
    }

    fn report(&self, report: &impl serde::Serialize) -> String {
        if self.args.json {
            json(report)
        } else {
            String::new()
        }
    }

    /// Copies the results to where `-o` says; what cannot be copied is still in the store, and the error says where.
    fn copies(&mut self, turn: &Turn, dest: &Path) -> (Vec<PathBuf>, Option<Error>) {
        let mut copies = Vec::new();
        for image in results(turn) {
            match store::copy_out(image, dest, self.args.force && !self.copied) {
                Ok(path) => copies.push(path),
                Err(error) => return (copies, Some(kept(error, image))),
            }
            self.copied = true;
        }
        (copies, None)
    }
}

/// The text of a turn in which text was asked for and came.
fn text_asked_for(turn: &Turn) -> Option<&str> {
    let is_asked_for = turn.request.tuning.output == Output::Text && turn.error.is_none();
    Some(turn.text.as_str()).filter(|text| is_asked_for && !text.trim().is_empty())
}

/// The pages that an answer rests on, which Google's terms want shown, and the pictures that it only points at.
fn pointers(turn: &Turn) {
    for source in &turn.sources {
        let title = source.title.as_deref().map(|title| format!("{title}: "));
        output::note(&format!("source: {}{}", title.unwrap_or_default(), source.url));
    }
    for link in &turn.links {
        output::note(&format!("link, not opened: {}", link.url));
    }
}

/// The same error with where the picture is all the same.
fn kept(error: Error, image: &Image) -> Error {
    let path = image.path.display();
    let hint = match error.hint.as_str() {
        "" => format!("The picture is kept in {path}"),
        hint => format!("{hint}; the picture is kept in {path}"),
    };
    error.hint(hint)
}

impl Copying {
    /// Waits until the picture is out; the exit code.
    async fn end(self, verbose: bool) -> u8 {
        let image = &self.image;
        // The printer answers unless it is gone, and then there is nothing to wait for.
        let Ok(Err(error)) = self.told.await else {
            return 0;
        };
        // Whoever read it has had enough, or is gone with the link; that is no failure of the generation.
        if error.kind() == io::ErrorKind::BrokenPipe || output::is_hang_up(&error) {
            output::note(&format!(
                "The reader went away; the picture is kept in {}",
                image.path.display()
            ));
            return 0;
        }
        let message = format!("Cannot write to standard output: {}", reason(&error));
        let error = kept(Error::new(Kind::Store, message), image);
        output::error(&error, verbose);
        error.exit_code()
    }
}
