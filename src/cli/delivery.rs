//! Where a generation's pictures go: copies for `-o`, paths or one object on standard output, and the exit code. A
//! picture that cannot be delivered is still in the store, and the user is told where.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::args::Generate;
use super::output;
use super::report::{Report, json, results};
use crate::domain::{Image, ImageKind, Turn, TurnStatus};
use crate::error::{Error, Kind, Result, reason};
use crate::store;

/// Copies the pictures out, prints the result, and gives the exit code.
pub(super) fn deliver(turn: &Turn, args: &Generate, to_stdout: bool) -> u8 {
    for warning in &turn.warnings {
        output::note(&format!("tintype: {warning}"));
    }
    let (copies, failure) = match args.output.as_deref() {
        Some(dest) if !to_stdout => copies(turn, dest, args.force),
        Some(_) if turn.error.is_none() => (Vec::new(), to_standard_output(turn).err()),
        _ => (Vec::new(), None),
    };
    let error = turn.error.as_ref().or(failure.as_ref());
    if args.json {
        output::line(&json(&Report::new(turn, &copies, error)));
    } else if !to_stdout {
        for (index, image) in results(turn).enumerate() {
            output::line(&copies.get(index).unwrap_or(&image.path).display().to_string());
        }
    }
    match error {
        Some(error) => {
            output::error(error);
            if let Some(draft) = turn.picture().filter(|image| image.kind == ImageKind::Draft) {
                output::note(&format!(
                    "  What had come of the picture is in {}",
                    draft.path.display()
                ));
            }
            error.exit_code()
        }
        None if turn.status == TurnStatus::Finished => 0,
        None => Kind::Internal.exit_code(),
    }
}

/// Copies the results to where `-o` says; what cannot be copied is still in the store, and the error says where.
fn copies(turn: &Turn, dest: &Path, force: bool) -> (Vec<PathBuf>, Option<Error>) {
    let mut copies = Vec::new();
    for image in results(turn) {
        match store::copy_out(image, dest, force) {
            Ok(path) => copies.push(path),
            Err(error) => return (copies, Some(kept(error, image))),
        }
    }
    (copies, None)
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

fn to_standard_output(turn: &Turn) -> Result<()> {
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
    match output::copy(File::open(&image.path).map_err(unread)?) {
        Ok(()) => Ok(()),
        // Whoever read it has had enough; that is no failure of the generation.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            output::note(&format!(
                "The reader went away; the picture is kept in {}",
                image.path.display()
            ));
            Ok(())
        }
        Err(error) => {
            let message = format!("Cannot write to standard output: {}", reason(&error));
            Err(kept(Error::new(Kind::Store, message), image))
        }
    }
}
