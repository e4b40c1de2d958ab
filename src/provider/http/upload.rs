//! A body on its way out: files are read and encoded piece by piece while they are sent, so that memory does not grow
//! with them. A file that is not what it was when the body was counted ends the call; it never corrupts it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use crate::error::{Error, Kind, Result, reason};
use crate::provider::gemini::request::{Body, Segment};

/// A multiple of three, so that pieces of base64 join without padding.
const PIECE: u64 = 192 * 1024;

/// How far an upload is; it outlives the upload.
#[derive(Debug)]
pub(super) struct Progress {
    total: u64,
    sent: AtomicU64,
    failed: Mutex<Option<Error>>,
}

impl Progress {
    /// Bytes handed to the connection.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether the connection has the whole body, so that the server may have acted on it.
    pub(super) fn complete(&self) -> bool {
        self.sent() >= self.total
    }

    /// Why the upload itself gave up, if it did.
    pub(super) fn failed(&self) -> Option<Error> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Debug)]
pub(super) struct Upload {
    segments: std::vec::IntoIter<Segment>,
    open: Option<Open>,
    progress: Arc<Progress>,
}

#[derive(Debug)]
struct Open {
    file: File,
    path: PathBuf,
    /// Bytes of the file that are still to come.
    left: u64,
    base64: bool,
}

impl Upload {
    pub(super) fn new(body: Body) -> Self {
        let progress = Progress {
            total: body.len(),
            sent: AtomicU64::new(0),
            failed: Mutex::new(None),
        };
        Self {
            segments: body.into_segments().into_iter(),
            open: None,
            progress: Arc::new(progress),
        }
    }

    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes>> + Send {
        stream::try_unfold(self, |mut upload| async move {
            match upload.piece().await {
                Ok(Some(piece)) => {
                    upload
                        .progress
                        .sent
                        .fetch_add(piece.len() as u64, Ordering::Relaxed);
                    Ok(Some((piece, upload)))
                }
                Ok(None) => Ok(None),
                Err(error) => {
                    let failed = &upload.progress.failed;
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                    Err(error)
                }
            }
        })
    }

    async fn piece(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(open) = &mut self.open {
                if let Some(piece) = open.piece().await? {
                    return Ok(Some(piece));
                }
                self.open = None;
            }
            let (path, bytes, base64) = match self.segments.next() {
                None => return Ok(None),
                Some(Segment::Literal(bytes)) => return Ok(Some(bytes.into())),
                Some(Segment::Base64File { path, bytes }) => (path, bytes, true),
                Some(Segment::TextFile { path, bytes }) => (path, bytes, false),
            };
            let file = File::open(&path)
                .await
                .map_err(|error| unreadable(&path, &error))?;
            self.open = Some(Open {
                file,
                path,
                left: bytes,
                base64,
            });
        }
    }
}

impl Open {
    /// The next piece as it goes on the wire; `None` once the file is through and has ended where it should.
    async fn piece(&mut self) -> Result<Option<Bytes>> {
        // One byte more than is due tells a file that has grown.
        let due = self.left.min(PIECE);
        let mut piece = Vec::new();
        let wanted = if self.left <= PIECE { due + 1 } else { due };
        let mut window = (&mut self.file).take(wanted);
        window
            .read_to_end(&mut piece)
            .await
            .map_err(|error| unreadable(&self.path, &error))?;
        if piece.len() as u64 != due {
            return Err(changed(&self.path));
        }
        self.left -= due;
        if piece.is_empty() {
            return Ok(None);
        }
        if self.base64 {
            return Ok(Some(base64_simd::STANDARD.encode_type::<Vec<u8>>(&piece).into()));
        }
        // It stands between quotes, and its length is promised: nothing in it may need an escape.
        let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        if piece.iter().all(plain) {
            Ok(Some(piece.into()))
        } else {
            Err(changed(&self.path))
        }
    }
}

/// Looks at every file of a body before anything is sent.
pub(super) async fn check(body: &Body) -> Result<()> {
    for segment in body.segments() {
        let (Segment::Base64File { path, bytes } | Segment::TextFile { path, bytes }) = segment else {
            continue;
        };
        let found = tokio::fs::metadata(path)
            .await
            .map_err(|error| unreadable(path, &error))?;
        if found.len() != *bytes {
            return Err(changed(path));
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Kind::BadInput,
        format!("Cannot read {}: {}", path.display(), reason(error)),
    )
    .hint("Put the file back, or go on from a turn that does not need it")
}

fn changed(path: &Path) -> Error {
    Error::new(
        Kind::BadInput,
        format!("{} is not what it was when the request was made", path.display()),
    )
    .hint("Attach the file again, or go on from a turn that does not need it")
}
