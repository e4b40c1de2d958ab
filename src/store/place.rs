//! What file system a data folder lies on: whether all who open it can share memory there. It opens no database.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// File systems that only look like network ones: a daemon of this machine serves them, from a disk of this machine.
const LOCAL: [&str; 8] = [
    "fuseblk",
    "fuse.ntfs-3g",
    "fuse.gocryptfs",
    "fuse.encfs",
    "fuse.cryfs",
    "fuse.bindfs",
    "fuse.mergerfs",
    "fuse.fuse-overlayfs",
];

/// The name of the network file system that a folder lies on; `None` for a disk of this machine. In doubt it is a
/// network: a rollback journal is slower, and right everywhere.
#[cfg(target_os = "linux")]
pub(super) fn network(folder: &Path) -> Option<String> {
    let Ok(found) = rustix::fs::statfs(folder) else {
        return Some("a file system that does not say what it is".to_owned());
    };
    let kind = found.f_type;
    // Written out, because the number's type and sign differ between machines.
    named(&format!("{kind:x}"), || mounted(folder))
}

/// Elsewhere the system says only what the disk's driver is called.
#[cfg(not(target_os = "linux"))]
pub(super) fn network(_folder: &Path) -> Option<String> {
    None
}

fn named(kind: &str, mounted: impl FnOnce() -> Option<String>) -> Option<String> {
    let name = match kind {
        "6969" => "NFS",
        "517b" | "ff534d42" | "fe534d42" => "SMB",
        "1021997" => "9p",
        "5346414f" | "6b414653" => "AFS",
        "73757245" => "Coda",
        "c36400" => "Ceph",
        "bd00bd0" => "Lustre",
        "47504653" => "GPFS",
        "19830326" => "BeeGFS",
        "1161970" => "GFS2",
        "7461636f" => "OCFS2",
        "786f4256" => "a folder of the virtual machine's host",
        "65735546" => {
            let kind = mounted().unwrap_or_else(|| "fuse".to_owned());
            return (!LOCAL.contains(&kind.as_str())).then_some(kind);
        }
        _ => return None,
    };
    Some(name.to_owned())
}

/// What `mount` calls the kind of the file system that a folder lies on, such as `fuse.sshfs`.
fn mounted(folder: &Path) -> Option<String> {
    let device = std::fs::metadata(folder).ok()?.dev();
    let device = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let mut table = String::new();
    File::open("/proc/self/mountinfo")
        .ok()?
        .read_to_string(&mut table)
        .ok()?;
    kind_of(&table, &device)
}

/// A line is `36 35 98:0 /root /mount options optional… - kind source options`.
fn kind_of(table: &str, device: &str) -> Option<String> {
    let line = table
        .lines()
        .find(|line| line.split(' ').nth(2) == Some(device))?;
    let (_, tail) = line.split_once(" - ")?;
    tail.split(' ').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        let never = || panic!("only FUSE needs the table of mounts");
        for (kind, name) in [("6969", "NFS"), ("ff534d42", "SMB"), ("1021997", "9p")] {
            assert_eq!(named(kind, never).as_deref(), Some(name));
        }
        for local in ["ef53", "9123683e", "58465342", "1021994", "2fc12fc1"] {
            assert_eq!(named(local, never), None);
        }
        let fuse = |kind: &str| named("65735546", || Some(kind.to_owned()));
        assert_eq!(fuse("fuse.sshfs").as_deref(), Some("fuse.sshfs"));
        assert_eq!(fuse("fuseblk"), None);
        assert_eq!(named("65735546", || None).as_deref(), Some("fuse"));
    }

    #[test]
    fn the_table_of_mounts_tells_the_kind_of_a_device() {
        let table = "22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n\
                     40 22 0:52 / /mnt/far rw - fuse.sshfs me@far:/ rw";
        assert_eq!(kind_of(table, "0:52").as_deref(), Some("fuse.sshfs"));
        assert_eq!(kind_of(table, "254:0").as_deref(), Some("ext4"));
        assert_eq!(kind_of(table, "9:9"), None);
    }
}
