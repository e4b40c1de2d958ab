//! What a picture should be like and what it may cost, as the files say it where no flag does: read, and refused where
//! it makes no sense.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::file::File;
use super::folders::expand;
use super::project::Project;
use super::{Environment, Source, Sourced};
use crate::domain::{AspectRatio, Output, Size};
use crate::error::{Error, Kind, Result};
use crate::provider::capability::Capability;

/// What to ask for where the command line does not say it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    pub aspect_ratio: Option<Sourced<AspectRatio>>,
    pub size: Option<Sourced<Size>>,
    /// The size that holds without the project's file.
    pub own_size: Option<Sourced<Size>>,
    /// How many pictures at a time.
    pub count: Sourced<u32>,
    /// A count of the project's file that is ignored, because it would spend.
    pub ignored_count: Option<Sourced<i64>>,
    /// The thinking level.
    pub thinking: Option<Sourced<String>>,
    /// The kinds of answer.
    pub output: Sourced<Output>,
    /// How often a request is sent again where nothing can have been generated.
    pub retries: Sourced<u32>,
    /// Seconds without a byte.
    pub timeout: Sourced<u64>,
    /// Seconds for what runs without anybody who listens: the link is lost, or the user has left.
    pub finish_within: Sourced<u64>,
    /// US dollars for one order.
    pub max_cost: Option<Sourced<f64>>,
    /// US dollars for one day.
    pub daily_limit: Option<Sourced<f64>>,
    /// Say when a generation ends while the terminal has not the focus.
    pub notify: Sourced<bool>,
    /// Show on the terminal's tab that a generation runs.
    pub progress: Sourced<bool>,
    /// Paths are links where the terminal has them.
    pub links: Sourced<bool>,
    /// References are sent with position, camera, software and texts.
    pub keep_metadata: Sourced<bool>,
    /// Where files with prompts are.
    pub prompt_folders: Option<Sourced<Vec<PathBuf>>>,
}

pub(super) const COUNT: RangeInclusive<i64> = 1..=16;
const RETRIES: RangeInclusive<i64> = 0..=10;
const TIMEOUT: RangeInclusive<i64> = 1..=86_400;
const FINISH_WITHIN: RangeInclusive<i64> = 1..=86_400;

/// The two files, each with where it is.
pub(super) struct Files<'a> {
    pub(super) project: Option<(&'a Path, &'a Project)>,
    pub(super) user: Option<(&'a Path, &'a File)>,
}

impl<'a> Files<'a> {
    /// What the project says, else what the user says.
    fn either<T: ?Sized>(
        &self,
        project: impl Fn(&'a Project) -> Option<&'a T>,
        user: impl Fn(&'a File) -> Option<&'a T>,
    ) -> Option<Sourced<&'a T>> {
        let of_project = self.project.and_then(|(path, file)| {
            let value = project(file)?;
            Some(Sourced::new(value, Source::Project(path.to_owned())))
        });
        of_project.or_else(|| self.user(user))
    }

    /// How many images at a time. Each costs, so that a project may ask for one and no more.
    fn count(&self) -> Result<Sourced<u32>> {
        let of_project = self.count_of_project().filter(|count| *count.value <= 1);
        let count = of_project.or_else(|| self.user(|file| file.count.as_ref()));
        number(count, "count", COUNT, 1)
    }

    fn ignored_count(&self) -> Option<Sourced<i64>> {
        let of_project = self.count_of_project().filter(|count| *count.value > 1);
        of_project.map(|count| Sourced::new(*count.value, count.source))
    }

    fn count_of_project(&self) -> Option<Sourced<&'a i64>> {
        let (path, file) = self.project?;
        Some(Sourced::new(
            file.count.as_ref()?,
            Source::Project(path.to_owned()),
        ))
    }

    fn user<T: ?Sized>(&self, of: impl Fn(&'a File) -> Option<&'a T>) -> Option<Sourced<&'a T>> {
        let (path, file) = self.user?;
        Some(Sourced::new(of(file)?, Source::File(path.to_owned())))
    }
}

/// A switch of the file, or how it stands without one.
fn switch(given: Option<Sourced<&bool>>, default: bool) -> Sourced<bool> {
    given.map_or(Sourced::new(default, Source::Default), |given| {
        Sourced::new(*given.value, given.source)
    })
}

impl Wishes {
    pub(super) fn of(files: &Files<'_>, env: &Environment) -> Result<Self> {
        let ratio = files.either(
            |file| file.aspect_ratio.as_deref(),
            |file| file.aspect_ratio.as_deref(),
        );
        let size = files.either(|file| file.size.as_deref(), |file| file.size.as_deref());
        let own_size = files.user(|file| file.size.as_deref());
        let thinking = files.user(|file| file.thinking.as_deref());
        let output = files.user(|file| file.output.as_deref());
        let folders = files.either(
            |file| file.prompt_folders.as_ref(),
            |file| file.prompt_folders.as_ref(),
        );
        Ok(Self {
            aspect_ratio: ratio.map(|text| parsed(&text, "aspect_ratio")).transpose()?,
            size: size.map(|text| parsed(&text, "size")).transpose()?,
            own_size: own_size.map(|text| parsed(&text, "size")).transpose()?,
            count: files.count()?,
            ignored_count: files.ignored_count(),
            thinking: thinking.map(|level| level_of(&level)).transpose()?,
            output: output
                .map(|text| parsed(&text, "output"))
                .transpose()?
                .unwrap_or(Sourced::new(Output::default(), Source::Default)),
            retries: number(files.user(|file| file.retries.as_ref()), "retries", RETRIES, 3)?,
            timeout: number(files.user(|file| file.timeout.as_ref()), "timeout", TIMEOUT, 300)?,
            finish_within: number(
                files.user(|file| file.finish_within.as_ref()),
                "finish_within",
                FINISH_WITHIN,
                900,
            )?,
            max_cost: dollars(files.user(|file| file.max_cost.as_ref()), "max_cost")?,
            daily_limit: dollars(files.user(|file| file.daily_limit.as_ref()), "daily_limit")?,
            notify: switch(files.user(|file| file.notify.as_ref()), true),
            progress: switch(files.user(|file| file.progress.as_ref()), true),
            links: switch(files.user(|file| file.links.as_ref()), true),
            keep_metadata: switch(files.user(|file| file.keep_metadata.as_ref()), false),
            prompt_folders: folders.map(|folders| absolute(&folders, env)),
        })
    }

    /// Forgets what the files say of ratio, size, thinking and kind of answer.
    pub fn forget_format(&mut self) {
        (self.aspect_ratio, self.size, self.own_size, self.thinking) = (None, None, None, None);
        self.output = Sourced::new(Output::default(), Source::Default);
    }

    /// The sentence about a count that is ignored.
    pub fn count_note(&self) -> Option<String> {
        let Sourced { value, source } = self.ignored_count.as_ref()?;
        Some(format!(
            "The count {value} in {source} is ignored: a project may not ask for more than 1 image"
        ))
    }

    /// The size that holds for this model without the project's file.
    pub(super) fn own_size_for(&self, row: &Capability) -> Option<Size> {
        let size = self.own_size.as_ref().map(|size| &size.value);
        size.filter(|size| !row.verified || row.sizes.contains(size))
            .cloned()
    }

    /// The ratio and the size to begin with for this model. What a file says and the model does not take is left out,
    /// for nobody typed it for this picture; the sentences say so.
    pub fn for_model(&self, row: &Capability) -> (Option<AspectRatio>, Option<Size>, Vec<String>) {
        let mut notes = Vec::new();
        let mut note = |what: &str, value: &dyn Display, source: &Source| {
            notes.push(format!(
                "The {what} {value} in {source} is not for {}, and is left out",
                row.name
            ));
        };
        let mut ratio = self.aspect_ratio.clone();
        if let Some(given) = ratio.take_if(|given| row.verified && !row.ratios.contains(&given.value)) {
            note("ratio", &given.value, &given.source);
        }
        let mut size = self.size.clone();
        if let Some(given) = size.take_if(|given| row.verified && !row.sizes.contains(&given.value)) {
            note("size", &given.value, &given.source);
        }
        (ratio.map(|ratio| ratio.value), size.map(|size| size.value), notes)
    }
}

fn refuse(source: &Source, what: &str, hint: &str) -> Error {
    Error::new(Kind::Usage, format!("{source}: {what}")).hint(hint)
}

fn parsed<T: FromStr<Err = String>>(text: &Sourced<&str>, name: &str) -> Result<Sourced<T>> {
    let value = text.value.parse().map_err(|why: String| {
        refuse(
            &text.source,
            &format!("{name}: {why}"),
            "Correct it, or take it out",
        )
    })?;
    Ok(Sourced::new(value, text.source.clone()))
}

fn number<T: TryFrom<i64> + Default>(
    given: Option<Sourced<&i64>>,
    name: &str,
    range: RangeInclusive<i64>,
    default: T,
) -> Result<Sourced<T>> {
    let Some(Sourced { value, source }) = given else {
        return Ok(Sourced::new(default, Source::Default));
    };
    let fits = range.contains(value).then(|| T::try_from(*value).ok()).flatten();
    let value = fits.ok_or_else(|| {
        let what = format!("{name} = {value} is out of range");
        let hint = format!("Choose a number from {} to {}", range.start(), range.end());
        refuse(&source, &what, &hint)
    })?;
    Ok(Sourced::new(value, source))
}

fn dollars(given: Option<Sourced<&f64>>, name: &str) -> Result<Option<Sourced<f64>>> {
    let Some(Sourced { value, source }) = given else {
        return Ok(None);
    };
    if value.is_finite() && *value > 0.0 {
        return Ok(Some(Sourced::new(*value, source)));
    }
    let what = format!("{name} = {value} is no amount of money");
    Err(refuse(
        &source,
        &what,
        "Give US dollars above 0, such as 2.50, or take it out for no limit",
    ))
}

fn level_of(given: &Sourced<&str>) -> Result<Sourced<String>> {
    let level = given.value.trim().to_lowercase();
    if level.is_empty()
        || !level
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    {
        let what = format!("thinking = \u{201c}{}\u{201d} is no level", given.value);
        return Err(refuse(
            &given.source,
            &what,
            "`tintype models` lists the levels of each model, such as high",
        ));
    }
    Ok(Sourced::new(level, given.source.clone()))
}

/// A path in a file starts at the file.
fn absolute(folders: &Sourced<&Vec<PathBuf>>, env: &Environment) -> Sourced<Vec<PathBuf>> {
    let start = match &folders.source {
        Source::File(path) | Source::Project(path) => path.parent(),
        _ => None,
    };
    let start = start.unwrap_or(Path::new(""));
    let value = folders.value.iter().map(|path| start.join(expand(path, env)));
    Sourced::new(value.collect(), folders.source.clone())
}
