//! The user's consent to what costs more than their own settings would: asked for before anything is sent.

use super::args::Generate;
use super::output;
use crate::config::Dearer;
use crate::error::{Error, Kind, Result};

const CHOOSE: &str = "--yes sends it without asking; -m and -s choose the model and the size yourself";

/// Says what the project's file makes dearer and asks whether to send so many images of it. Where nobody can be asked it
/// is refused: a script in a cloned repository is no consent either.
pub(super) async fn obtain(dearer: &Dearer, count: u32, args: &Generate) -> Result<()> {
    let says = dearer.says(count);
    if args.yes {
        if !args.quiet {
            output::note(&says);
        }
        return Ok(());
    }
    match output::confirmed(&says, "Send it?").await {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(Kind::Cancelled, "Nothing was sent").hint(CHOOSE)),
        None => Err(Error::new(Kind::OverBudget, says).hint(format!("Nothing was sent; {CHOOSE}"))),
    }
}
