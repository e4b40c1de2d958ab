//! Looking at what may not be there. Only "not found" means that it is not: out of file descriptors, a disk that fails for
//! a moment or a folder that may not be read say nothing about a file, and what decides by them deletes or forgets what
//! is there. It changes nothing.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// `None` where the file is not there; every other error is one.
pub fn if_present<T>(looked: io::Result<T>) -> io::Result<Option<T>> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The metadata of a path itself, not of what a symlink points to; `None` where it is not there.
pub fn metadata_if_present(path: &Path) -> io::Result<Option<Metadata>> {
    if_present(fs::symlink_metadata(path))
}

/// The paths of everything in a folder, sorted; none where the folder is not there. A listing that breaks off is an error:
/// half of one looks like files that are gone.
pub fn entries_if_present(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(read) = if_present(fs::read_dir(folder))? else {
        return Ok(Vec::new());
    };
    let mut paths = read
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Removes a file; one that is not there is as good as removed.
pub fn remove_if_present(path: &Path) -> io::Result<()> {
    if_present(fs::remove_file(path)).map(|_| ())
}

/// Returns whether an error tells of the machine, which has run out of something for the moment, and not of the file.
pub fn is_shortage(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let code = error.raw_os_error();
    [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS]
        .iter()
        .any(|errno| code == Some(errno.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_that_is_not_found_is_absent() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a");
        assert!(metadata_if_present(&path).unwrap().is_none());
        assert_eq!(entries_if_present(&path).unwrap(), Vec::<PathBuf>::new());
        remove_if_present(&path).unwrap();
        fs::File::create(&path).unwrap();
        assert_eq!(metadata_if_present(&path).unwrap().unwrap().len(), 0);
        assert_eq!(
            entries_if_present(root.path()).unwrap(),
            std::slice::from_ref(&path)
        );
        // The path leads through a file, which says nothing about what was meant.
        metadata_if_present(&path.join("b")).unwrap_err();
        entries_if_present(&path).unwrap_err();
        for number in [24, 23, 5, 13, 116] {
            let error = io::Error::from_raw_os_error(number);
            if_present::<()>(Err(error)).unwrap_err();
        }
    }
}
