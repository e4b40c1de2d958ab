//! Pictures that an answer only points at. They come from wherever a server says, so they are fetched on the user's
//! word only, without a key, and what comes has to be a picture.

use std::time::Instant;

use super::adopt::{self, Arriving};
use super::recording::unwritable;
use super::spool::{Spool, Spooled};
use super::task::{Listener, Stop, ended, finish, now_ms, unsent};
use super::workers::blocking;
use super::{Event, Shared};
use crate::domain::{Image, ImageKind, Link, Mime, Part, Turn, TurnId, TurnStatus};
use crate::error::{Error, Kind, Result};
use crate::provider::base_address;
use crate::provider::endpoint::Endpoint;

/// A picture larger than this is none: the largest that a model makes has a quarter of it.
const LIMIT: u64 = 128 << 20;

/// Whether the answer has links and nothing better.
pub(super) fn is_wanted(turn: &Turn) -> bool {
    let is_answered = turn.status == TurnStatus::Finished;
    !is_answered && !turn.links.is_empty() && turn.images.iter().all(|image| image.kind == ImageKind::Draft)
}

/// Fetches what a stored turn points at.
pub(super) async fn run(
    shared: &Shared,
    id: TurnId,
    providers: &[Endpoint],
    listener: Listener,
    mut stop: Stop,
) {
    let (store, spool) = (shared.store.clone(), shared.folders.spool.clone());
    let found = blocking(move || {
        let turn = store.turn(&id)?.filter(|turn| !turn.links.is_empty());
        if turn.is_some() {
            store.check_writable(&spool, &id, now_ms()).map_err(unsent)?;
        }
        Ok(turn)
    })
    .await;
    let mut turn = match found {
        Ok(Some(turn)) => turn,
        Ok(None) => {
            let error = Error::new(Kind::BadInput, "There is no link to fetch")
                .hint("Only an answer that points at a picture has one");
            return listener.tell(Event::Rejected(error));
        }
        Err(error) => return listener.tell(Event::Rejected(error)),
    };
    listener.tell(Event::Started(Box::new(turn.clone())));
    let provider = providers
        .iter()
        .find(|provider| provider.name == turn.request.provider);
    links(shared, &mut turn, provider, &listener, &mut stop).await;
    listener.tell(ended(turn));
}

/// Fetches the links of a turn and stores what became of it. A link that fails stays, to be tried again.
pub(super) async fn links(
    shared: &Shared,
    turn: &mut Turn,
    provider: Option<&Endpoint>,
    listener: &Listener,
    stop: &mut Stop,
) {
    let started = Instant::now();
    let mut failed = None;
    for link in std::mem::take(&mut turn.links) {
        let fetched = if failed.is_some() {
            Ok(None)
        } else {
            let way = (&link, provider);
            fetch(shared, turn, way, listener, stop).await.map(Some)
        };
        match fetched {
            Ok(Some(image)) => {
                let host = base_address::host(&link.url);
                turn.warnings.push(format!(
                    "The picture was fetched from {host}, where the answer pointed"
                ));
                let known = turn.images.iter().position(|there| there.path == image.path);
                let place = known.unwrap_or(turn.images.len());
                let goes_back = |part: &Part| matches!(part, Part::Image { image, .. } if *image == place);
                if !turn.parts.iter().any(goes_back) {
                    turn.parts.push(Part::Image {
                        image: place,
                        signature: None,
                    });
                }
                match known {
                    // A draft of the answer is the image behind the link.
                    Some(known) => turn.images[known] = image,
                    None => turn.images.push(image),
                }
            }
            Ok(None) => turn.links.push(link),
            Err(error) => {
                turn.links.push(link);
                failed = Some(error);
            }
        }
    }
    if turn.images.iter().any(|image| image.kind == ImageKind::Result) {
        turn.status = TurnStatus::Finished;
        turn.error = None;
        turn.warnings.extend(failed.map(|error| error.to_string()));
        let so_far = turn.timing.total.unwrap_or(0);
        let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        turn.timing.image = Some(so_far.saturating_add(took));
    } else if let Some(error) = failed {
        turn.error = Some(error);
    }
    finish(&shared.store, turn).await;
}

async fn fetch(
    shared: &Shared,
    turn: &Turn,
    (link, provider): (&Link, Option<&Endpoint>),
    listener: &Listener,
    stop: &mut Stop,
) -> Result<Image> {
    let path = shared.folders.spool.join(format!("{}.link", turn.id));
    // What an earlier try left behind.
    let _none = std::fs::remove_file(&path);
    let spooled = tokio::select! {
        biased;
        () = stop.requested() => Err(Error::new(Kind::Cancelled, "Stopped before the picture was there")
            .hint("The link is kept")),
        spooled = spool(shared, turn, (link, provider), listener) => spooled,
    };
    let picture = spooled.and_then(|spooled| {
        let mime = adopt::sniff(&spooled.path);
        if mime.map_err(|error| unwritable(&error, &shared.folders.spool))? != Mime::Unknown {
            return Ok(spooled);
        }
        let host = base_address::host(&link.url);
        Err(
            Error::new(Kind::BadAnswer, format!("What {host} sent is no picture"))
                .hint("The link may have expired; it is kept"),
        )
    });
    let spooled = match picture {
        Ok(spooled) => spooled,
        Err(error) => {
            // Half of it is of no use, for it can be fetched again.
            let _none = std::fs::remove_file(&path);
            return Err(error);
        }
    };
    let arriving = Arriving {
        spooled,
        kind: ImageKind::Result,
        declared_mime: link.mime.clone(),
    };
    let image = match adopt(shared, turn, arriving).await {
        Ok(image) => image,
        Err(failed) => {
            // It can be fetched again, so it is not held in memory.
            let _none = std::fs::remove_file(&path);
            return Err(failed.0);
        }
    };
    listener.tell(Event::PictureEnded {
        picture: 1,
        image: image.clone(),
    });
    Ok(image)
}

/// Moves what came among the images, unless it is there already: as a draft of the answer, or from a fetch whose process
/// ended before it wrote that down.
async fn adopt(
    shared: &Shared,
    turn: &Turn,
    arriving: Arriving,
) -> std::result::Result<Image, Box<(Error, Option<Arriving>)>> {
    let known = match adopt::same(&turn.images, &arriving) {
        None => match adopt::left_behind(&shared.store, turn, &arriving).await {
            Ok(found) => found,
            Err(error) => return Err(Box::new((error, Some(arriving)))),
        },
        same => same,
    };
    if let Some(image) = known {
        arriving.spooled.remove();
        return Ok(image);
    }
    adopt::picture(&shared.store, turn, arriving).await
}

/// Writes what the link leads to into a spool file.
async fn spool(
    shared: &Shared,
    turn: &Turn,
    (link, provider): (&Link, Option<&Endpoint>),
    listener: &Listener,
) -> Result<Spooled> {
    let mut answer = shared.http.fetch(&link.url, LIMIT, provider).await?;
    let folder = &shared.folders.spool;
    let name = format!("{}.link", turn.id);
    let mut spool = Spool::create(folder, &name, &shared.room).map_err(|error| unwritable(&error, folder))?;
    listener.tell(Event::PictureBegan {
        picture: 1,
        path: spool.path().to_owned(),
    });
    while let Some(bytes) = answer.next().await? {
        spool.write(&bytes).map_err(|error| unwritable(&error, folder))?;
        listener.progress.send_modify(|progress| {
            progress.received += bytes.len() as u64;
            progress.picture = progress.received;
        });
    }
    Ok(spool.end(true))
}
