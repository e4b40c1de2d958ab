//! The user's own machine: what is copied and downloaded, and when somebody who looks elsewhere is told.

use tintype::domain::{ImageKind, Mime, Reference};
use tintype::error::{Error, Kind};
use tintype::tui::effect::{Effect, Local};
use tintype::tui::msg::{JobEvent, Msg};

use super::stage::*;
use super::{fresh, opened, started};

#[test]
fn the_selected_picture_is_copied_and_downloaded() {
    let mut stage = opened();
    let image = image(4, ImageKind::Result);
    stage.keys("<ctrl+s><tab>y");
    let copy = Local::Copy {
        path: image.path.clone(),
        mime: Mime::Png,
    };
    assert!(
        stage.effects.contains(&Effect::Local(copy)),
        "{:?}",
        stage.effects
    );
    stage.keys("D");
    let download = Local::Download { path: image.path };
    assert!(
        stage.effects.contains(&Effect::Local(download)),
        "{:?}",
        stage.effects
    );
}

#[test]
fn only_who_looks_elsewhere_is_told_that_it_ended() {
    for (away, told) in [(false, false), (true, true)] {
        let (mut stage, job) = started();
        stage.tell(Msg::Focus(!away));
        stage.job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
        let notice = Effect::Local(Local::Notify("Ready: a red fox".to_owned()));
        assert_eq!(stage.effects.contains(&notice), told, "{:?}", stage.effects);
    }
    let (mut stage, job) = started();
    stage.tell(Msg::Focus(false));
    let error = Error::new(Kind::NoKey, "There is no key");
    stage.job(job, JobEvent::Refused(error));
    let notice = Effect::Local(Local::Notify("There is no key: a red fox".to_owned()));
    assert!(stage.effects.contains(&notice), "{:?}", stage.effects);
}

#[test]
fn a_pasted_picture_goes_along() {
    let mut stage = fresh();
    stage.keys("<ctrl+v>");
    assert!(stage.effects.contains(&Effect::Local(Local::PastePicture)));
    let reference = Reference {
        path: "/references/abc.png".into(),
        mime: Mime::Png,
        bytes: 10,
        ..Reference::default()
    };
    stage.tell(Msg::Notice("asking for the picture".to_owned()));
    stage.tell(Msg::Pasted(Ok(reference.clone())));
    assert_eq!(stage.model.references.list, [reference]);
    assert_eq!(stage.model.notice, None, "it is no longer asked for");
    stage.tell(Msg::Pasted(Err(Error::new(Kind::BadInput, "no picture"))));
    assert_eq!(stage.model.problems.len(), 1);
}
