//! A machine that runs out of file descriptors or threads while an answer arrives: the answer is read to its end all the same,
//! and whatever could not be stored at that moment is there after the next start, or where the program says that it put it.

use rustix::io::Errno;

use crate::inject::{Blow, Injection};
use crate::kill::check;
use crate::program::Home;
use crate::script::Script;
use crate::sweep::{run, wants_all};

/// Lets the `at`-th of these calls and all later ones fail; true where there were so many.
fn starve(script: &Script, calls: &'static str, error: Errno, at: u32) -> bool {
    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    let injection = Injection {
        at: Some(at),
        calls: Some(calls),
        blow: Blow::FailFrom(error.raw_os_error()),
        ..Injection::below(&home.data())
    };
    let (killed, report, ended) = run(&home, script, &injection);
    let Some(struck) = report.struck else {
        assert!(ended, "a run that lacks nothing succeeds");
        return false;
    };
    if killed.reported > 0 {
        assert_eq!(
            killed.reported,
            script.body.len(),
            "{at}: read to its end, {struck}"
        );
    }
    let elsewhere = std::fs::read_dir(home.temporary()).unwrap();
    let rescued = elsewhere
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .any(|bytes| bytes == script.result());
    if killed.session.is_empty() || rescued {
        home.json(&["sessions", "list", "--json"]);
    } else {
        check(&home, script, &killed);
    }
    true
}

#[test]
fn without_file_descriptors_an_answer_is_read_to_its_end_and_kept() {
    let script = Script::small(4);
    let step = if wants_all() { 1 } else { 3 };
    let starved = (1..1000)
        .step_by(step)
        .take_while(|at| starve(&script, "openat,open,creat", Errno::MFILE, *at))
        .count();
    assert!(starved > 5, "{starved}");
}

#[test]
fn without_threads_an_answer_is_read_to_its_end_and_kept() {
    let script = Script::small(5);
    let starved = (1..1000)
        .take_while(|at| starve(&script, "clone,clone3", Errno::AGAIN, *at))
        .count();
    assert!(starved > 0, "{starved}");
}
