//! `tintype sessions export` and `import`: a session to a folder and back. The folder and `session.json` are the
//! store's; the contact sheet and the text in PNG copies are made here.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::json;

use super::super::output;
use super::super::prose::counted;
use super::now_ms;
use crate::domain::{ImageKind, Turn};
use crate::error::Result;
use crate::graphics::{self, MOST_TILES, Pixmap, contact_sheet, near_lossless, text_chunks};
use crate::store::{Exported, ExportedPicture, Label, Store};

const SHEET: &str = "contact-sheet.png";
/// Longer files have no thumbnail; no picture that a model makes comes near to it.
const LONGEST: u64 = 256 << 20;

/// Writes a session to a folder and prints the folder.
pub(super) fn export(store: &Store, name: &str, folder: &Path, embed: bool, force: bool) -> Result<u8> {
    let id = store.find_session(name)?.id;
    let label: Option<Label<'_>> = if embed { Some(&chunks) } else { None };
    let exported = store.export(&id, folder, label, force)?;
    for path in &exported.missing {
        output::note(&format!("Left out, because it is gone: {}", path.display()));
    }
    let results: Vec<&ExportedPicture> = exported
        .pictures
        .iter()
        .filter(|picture| picture.kind == ImageKind::Result)
        .collect();
    if results.len() > MOST_TILES {
        output::note(&format!(
            "The contact sheet shows the first {MOST_TILES} pictures"
        ));
    }
    if !results.is_empty() {
        let tile = |picture: &&ExportedPicture| (picture.label.clone(), thumbnail(&picture.path));
        let tiles: Vec<_> = results.iter().take(MOST_TILES).map(tile).collect();
        exported.add(SHEET, &near_lossless::encode(&contact_sheet(&tiles), 1))?;
    }
    if embed {
        say_what_was_embedded(&exported);
    }
    let pictures = counted(results.len(), "picture");
    let drafts = counted(exported.pictures.len() - results.len(), "draft");
    output::note(&format!("Exported {pictures} and {drafts}"));
    output::path(folder);
    Ok(0)
}

fn say_what_was_embedded(exported: &Exported) {
    let plain = exported
        .pictures
        .iter()
        .filter(|picture| !picture.embedded)
        .count();
    if plain > 0 {
        let pictures = counted(plain, "picture");
        output::note(&format!(
            "Copied as they are, because only PNG takes the text: {pictures}"
        ));
    }
}

fn thumbnail(path: &Path) -> Option<Pixmap> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(LONGEST)
        .read_to_end(&mut bytes)
        .ok()?;
    graphics::thumbnail(&bytes).ok()
}

/// What a copy says of itself, under the keywords that programs show.
fn chunks(turn: &Turn) -> Vec<u8> {
    let request = &turn.request;
    let mut settings = json!({ "provider": request.provider, "number": turn.number });
    if let Some(ratio) = &request.aspect_ratio {
        settings["aspect_ratio"] = json!(ratio);
    }
    if let Some(size) = &request.size {
        settings["size"] = json!(size);
    }
    if let (Some(settings), Ok(serde_json::Value::Object(tuning))) =
        (settings.as_object_mut(), serde_json::to_value(&request.tuning))
    {
        settings.extend(tuning);
    }
    text_chunks(&[
        ("Software", concat!("tintype ", env!("CARGO_PKG_VERSION"))),
        ("Description", &request.prompt),
        ("Model", &request.model),
        ("Settings", &settings.to_string()),
    ])
}

/// Takes a session in and prints its name.
pub(super) fn import(store: &Store, path: &Path, again: bool) -> Result<u8> {
    let imported = store.import(path, again, now_ms())?;
    if imported.already {
        output::note("It is here already, and was left as it is; --again imports it as another session");
    }
    output::line(&super::line(&imported.session));
    Ok(0)
}
