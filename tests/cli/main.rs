//! The command line, on the real binary: as transcripts, and where a transcript cannot say it, as code.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files, run programs, look at the environment and stop at the first surprise"
)]

mod asking;
mod captured;
mod costs;
mod endings;
mod exchanges;
mod house;
mod inherited;
#[path = "../stage/photo.rs"]
mod photo;
mod references;
mod secrets;
mod server;
mod shown;
mod tables;
mod transcript;
mod turns;
mod volatile;

use std::time::Duration;

/// Longer than any test may take to reach a state.
const PATIENCE: Duration = Duration::from_mins(1);

macro_rules! transcripts {
    ($($name:ident: $says:literal;)*) => { $(
        #[doc = $says]
        #[test]
        fn $name() {
            transcript::play(stringify!($name));
        }
    )* };
}

transcripts! {
    pictures: "What `generate` prints, and where pictures go.";
    requests: "Prompts, references, ratios, sizes and models.";
    conversations: "Sessions that go on from one process to the next.";
    library: "Sessions found, deleted, brought back, and carried elsewhere.";
    failures: "What a provider may do wrong.";
    errors: "Every error that a server can cause: its sentence, its hint, its code.";
    showing: "Pictures in the scrollback, where no terminal is.";
    several: "Several at once, and what is sent again.";
    tuning: "What the model is told beside the prompt.";
    outputs: "What an answer is made of: text, images, candidates, and what tools may bring.";
    mistakes: "What a user may do wrong: one sentence, a next step, an exit code, and nothing sent.";
    costs: "What was spent, as far as anything was.";
    settings: "Providers, keys, addresses and folders.";
    providers: "Providers and models of the settings, and what is said of each.";
    projects: "What the file of a project may say, and what it may not.";
}
