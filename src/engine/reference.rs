//! Reference pictures: a file is looked at before anything is sent, and told by its bytes, never by its name.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::domain::{Mime, Reference};
use crate::error::{Error, Kind, Result, reason};

/// Looks at a file that the user wants to send along.
pub fn reference(path: &Path) -> Result<Reference> {
    let shown = path.display();
    let unreadable = |cause: std::io::Error| {
        let why = reason(&cause);
        Error::new(
            Kind::BadInput,
            format!("Cannot read the reference {shown}: {why}"),
        )
        .hint("Check the path; nothing was sent")
    };
    // Asked before opening: opening a pipe would wait for whoever writes to it.
    let facts = std::fs::metadata(path).map_err(unreadable)?;
    if !facts.is_file() {
        return Err(Error::new(
            Kind::BadInput,
            format!("Cannot read the reference {shown}: it is not a file"),
        )
        .hint("Name a picture file; nothing was sent"));
    }
    if facts.len() == 0 {
        return Err(
            Error::new(Kind::BadInput, format!("The reference {shown} is empty"))
                .hint("Name a picture file; nothing was sent"),
        );
    }
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(16).read_to_end(&mut head))
        .map_err(unreadable)?;
    let mime = Mime::sniff(&head);
    if mime == Mime::Unknown {
        return Err(
            Error::new(Kind::BadInput, format!("The reference {shown} is not a picture"))
                .hint("PNG, JPEG and WebP are accepted everywhere; nothing was sent"),
        );
    }
    let path = std::path::absolute(path).map_err(unreadable)?;
    Ok(Reference {
        path,
        mime,
        bytes: facts.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_told_by_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("photo.jpg");
        std::fs::write(&path, b"\x89PNG\r\n\x1a\n and more").unwrap();
        let found = reference(&path).unwrap();
        assert_eq!((found.mime, found.bytes), (Mime::Png, 17));
        std::fs::write(&path, b"not a picture").unwrap();
        assert!(reference(&path).unwrap_err().message.contains("is not a picture"));
        assert!(
            reference(dir.path())
                .unwrap_err()
                .message
                .contains("it is not a file")
        );
        let missing = reference(&dir.path().join("missing.png")).unwrap_err();
        assert_eq!(missing.kind, Kind::BadInput);
    }
}
