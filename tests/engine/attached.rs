//! References as they are attached, and as a server gets them.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

use image::GenericImageView as _;
use memchr::memmem;
use tintype::domain::{Mime, Reference};
use tintype::engine::{Attaching, Origin, attach, attach_bytes};
use tintype::graphics::{decode, dimensions};

use super::*;
use crate::photo::{chunk, differs, photograph, segment, upright};

const KEEP: Attaching = Attaching {
    keep_metadata: true,
    patience: None,
};
const PROFILE: &[u8] = b"ICC_PROFILE\0\x01\x01a profile of \0\0\0RGB the colors of this file";

/// An EXIF block with a camera and a position beside the orientation.
fn located(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0\x2a\0\0\0\x08\0\x03".to_vec();
    block.extend(b"\x01\x0f\0\x02\0\0\0\x04CAM\0");
    block.extend([1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    block.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x32");
    block.extend([0; 4]);
    block.extend(b"48.85 N, 2.35 E");
    block
}

/// A photograph that says where it was taken, in which colors, and by whom.
fn located_jpeg(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let mut file = photograph(&upright(width, height), "jpg", orientation);
    let old = segment(0xe1, &[b"Exif\0\0", &photo::exif(orientation)[..]].concat());
    file.drain(2..2 + old.len());
    let new = segment(0xe1, &[b"Exif\0\0", &located(orientation)[..]].concat());
    file.splice(
        2..2,
        [new, segment(0xe2, PROFILE), segment(0xfe, b"by Jane Doe")].concat(),
    );
    file
}

fn has(bytes: &[u8], words: &str) -> bool {
    memmem::find(bytes, words.as_bytes()).is_some()
}

impl House {
    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn attach(&self, name: &str, bytes: &[u8]) -> Reference {
        let path = self.put(name, bytes);
        attach(&self.store, path.as_os_str(), Attaching::default()).unwrap()
    }

    /// The images that a server gets beside a prompt, each with the type that it is said to have; and what was said.
    async fn sent(&self, references: Vec<Reference>) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
        let mut order = self.order("like these");
        order.request.references = references;
        let mut job = self.engine.start(order);
        let call = self.server.call().await;
        let parts = call.json()["contents"][0]["parts"].as_array().unwrap().clone();
        let images = parts.iter().filter_map(|part| {
            let data = &part["inlineData"];
            let bytes = STANDARD.decode(data["data"].as_str()?).unwrap();
            Some((data["mimeType"].as_str()?.to_owned(), bytes))
        });
        let images = images.collect();
        call.cut();
        (images, until_over(&mut job).await.warnings)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn photographs_of_every_type_are_sent_upright() {
    let house = House::new().await;
    for kind in ["jpg", "png", "webp", "tiff"] {
        // Large enough to stay a photograph.
        let seen = upright(330, 240);
        let references: Vec<_> = (1..=8)
            .map(|orientation| {
                let name = format!("{orientation}.{kind}");
                house.attach(&name, &photograph(&seen, kind, orientation))
            })
            .collect();
        for (orientation, reference) in (1..).zip(&references) {
            let note = reference.note.as_deref().unwrap_or_default();
            let turned = kind != "tiff" && orientation > 1;
            assert_eq!(
                note.contains("turned upright"),
                turned,
                "{kind} {orientation}: {note}"
            );
        }
        let (sent, _) = house.sent(references).await;
        assert_eq!(sent.len(), 8);
        for (orientation, (mime, bytes)) in (1_u8..).zip(sent) {
            let what = format!("{kind}, orientation {orientation}, sent as {mime}");
            assert_eq!(mime, Mime::sniff(&bytes).as_str(), "{what}");
            // A server that knows nothing of EXIF.
            let plain = image::load_from_memory(&bytes).unwrap();
            assert_eq!(plain.dimensions(), (330, 240), "{what}");
            assert!(!differs(plain.to_rgb8().as_raw(), seen.as_raw()), "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_is_sent_without_position_and_camera() {
    let house = House::new().await;
    let upright = located_jpeg(330, 240, 1);
    let turned = located_jpeg(330, 240, 6);
    let references = vec![
        house.attach("gps.jpg", &upright),
        house.attach("turned.jpg", &turned),
    ];
    let notes: Vec<_> = references
        .iter()
        .map(|reference| reference.note.clone().unwrap())
        .collect();
    assert_eq!(
        notes,
        [
            "gps.jpg is sent without its position, camera and texts",
            "turned.jpg was turned upright and encoded anew, and is sent without its position, camera and texts"
        ]
    );
    let (sent, warnings) = house.sent(references).await;
    for (mime, bytes) in &sent {
        assert_eq!(mime, "image/jpeg");
        for secret in ["CAM", "48.85", "Jane Doe"] {
            assert!(!has(bytes, secret), "{secret}");
        }
        assert!(has(bytes, "the colors of this file"));
    }
    // Its pixels were not touched where they stood upright.
    let scan = |file: &[u8]| file[memmem::find(file, b"\xff\xda").unwrap()..].to_vec();
    assert!(scan(&sent[0].1) == scan(&upright));
    assert_eq!(warnings[..2], notes, "{warnings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_it_keeps_the_metadata_and_is_upright_all_the_same() {
    let house = House::new().await;
    let upright = located_jpeg(330, 240, 1);
    let mut references = Vec::new();
    for (name, bytes) in [("gps.jpg", &upright), ("turned.jpg", &located_jpeg(330, 240, 6))] {
        let path = house.put(name, bytes);
        references.push(attach(&house.store, path.as_os_str(), KEEP).unwrap());
    }
    assert_eq!(references[0].note, None);
    let (sent, _) = house.sent(references).await;
    assert!(sent[0].1 == upright, "it goes as it came");
    assert!(has(&sent[1].1, "48.85") && has(&sent[1].1, "CAM"));
    let plain = image::load_from_memory(&sent[1].1).unwrap();
    assert_eq!(plain.dimensions(), (330, 240));
    assert_eq!(
        dimensions(&sent[1].1),
        Some((330, 240)),
        "nobody turns it once more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_attached_is_sent_whatever_becomes_of_the_file() {
    let house = House::new().await;
    let file = photograph(&upright(40, 30), "jpg", 1);
    let other = photograph(&upright(30, 40), "png", 1);
    let replaced = house.attach("one.jpg", &file);
    let gone = house.attach("two.png", &other);
    house.put("one.jpg", &other);
    std::fs::remove_file(house.dir.path().join("two.png")).unwrap();
    assert_eq!(
        (replaced.name.as_str(), gone.name.as_str()),
        ("one.jpg", "two.png")
    );
    for reference in [&replaced, &gone] {
        assert!(reference.path.starts_with(house.store.folder()));
    }
    let (sent, _) = house.sent(vec![replaced, gone]).await;
    assert_eq!(sent[0].0, "image/jpeg");
    assert!(decode(&sent[0].1).unwrap() == decode(&file).unwrap());
    assert_eq!(sent[1].0, "image/png");
    assert!(decode(&sent[1].1).unwrap() == decode(&other).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_s_own_type_goes_without_what_the_phone_wrote() {
    let house = House::new().await;
    let boxed = |kind: &[u8; 4], body: &[u8]| {
        let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&length[..], kind, body].concat()
    };
    let file = [
        boxed(b"ftyp", b"heic\0\0\0\0mif1heic"),
        boxed(b"uuid", b"48.85 N"),
        boxed(b"mdat", b"pixels"),
    ]
    .concat();
    let reference = house.attach("fox.heic", &file);
    assert_eq!(
        reference.note.as_deref(),
        Some("fox.heic is sent without its metadata")
    );
    let sent = std::fs::read(&reference.path).unwrap();
    assert!(has(&sent, "pixels") && !has(&sent, "48.85"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_refused_when_it_is_attached() {
    let house = House::new().await;
    let png = photograph(&upright(96, 64), "png", 1);
    let jpeg = photograph(&upright(96, 64), "jpg", 1);
    let webp = photograph(&upright(96, 64), "webp", 1);
    let mut huge = png.clone();
    huge[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
    let half = |file: &[u8]| file[..file.len() / 2].to_vec();
    let broken = "cannot be used: it breaks off: its end is missing";
    for (name, bytes, why) in [
        ("cut.png", half(&png), broken),
        ("cut.jpg", half(&jpeg), broken),
        ("cut.webp", half(&webp), broken),
        ("cut.png", png[..png.len() - 3].to_vec(), broken),
        (
            "huge.png",
            huge,
            "it has 20000\u{d7}20000 pixels, and at most 80 million can be read here",
        ),
        ("page.png", b"<html>".to_vec(), "is not an image"),
        ("empty.png", Vec::new(), "is empty"),
    ] {
        let path = house.put(name, &bytes);
        let error = attach(&house.store, path.as_os_str(), KEEP).unwrap_err();
        assert!(
            error.kind == Kind::BadInput && error.message.contains(why),
            "{name}: {error}"
        );
        assert!(
            error.message.contains(name) && error.hint.ends_with("nothing was sent"),
            "{error:?}"
        );
        let error = attach_bytes(&house.store, &bytes, Origin::Clipboard, KEEP).unwrap_err();
        assert!(error.message.starts_with("The image on the clipboard"), "{error}");
    }
    let kept = house.store.folder().join("references");
    assert_eq!(
        std::fs::read_dir(kept).map_or(0, Iterator::count),
        0,
        "none was kept"
    );
    // Bytes behind the end are no fault.
    let padded = [&png[..], b"\0\0\0\0 and more"].concat();
    assert!(decode(&std::fs::read(house.attach("padded.png", &padded).path).unwrap()).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_said_to_be_what_it_is() {
    let house = House::new().await;
    let dir = house.dir.path();
    symlink(dir.join("nowhere.png"), dir.join("dangling.png")).unwrap();
    std::fs::create_dir(dir.join("folder")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.join("socket")).unwrap();
    for (path, why) in [
        (dir.join("dangling.png"), "nowhere.png, which is not there"),
        (dir.join("folder"), "it is a folder"),
        (dir.join("socket"), "it is a socket"),
        (PathBuf::from("/dev/zero"), "it is a device"),
        (dir.join("missing.png"), "it does not exist"),
    ] {
        let error = attach(&house.store, path.as_os_str(), Attaching::default()).unwrap_err();
        assert!(error.message.contains(why), "{error}");
        assert!(error.message.contains(&*path.to_string_lossy()), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_is_read_once_and_not_for_ever() {
    let house = House::new().await;
    let pipe = house.dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let file = photograph(&upright(300, 200), "png", 1);
    let (to, bytes) = (pipe.clone(), file.clone());
    let writer = std::thread::spawn(move || std::fs::write(to, bytes).unwrap());
    let reference = attach(&house.store, pipe.as_os_str(), Attaching::default()).unwrap();
    writer.join().unwrap();
    let kept = std::fs::read(reference.path).unwrap();
    assert!(decode(&kept).unwrap() == decode(&file).unwrap());
    // Somebody holds it open and says nothing.
    let _silent = File::options().read(true).write(true).open(&pipe).unwrap();
    let hurried = Attaching {
        patience: Some(Duration::from_millis(200)),
        ..Attaching::default()
    };
    let began = Instant::now();
    let error = attach(&house.store, pipe.as_os_str(), hurried).unwrap_err();
    assert!(
        error.message.contains("it is a pipe that nothing comes out of"),
        "{error}"
    );
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn a_reference_is_told_by_its_bytes_and_clean_ones_keep_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("data")).unwrap();
    let file = photograph(&upright(40, 30), "png", 1);
    let start = 33 + chunk(*b"eXIf", &photo::exif(1)).len();
    let plain = [&file[..33], &file[start..]].concat();
    let path = dir.path().join("photo.jpg");
    std::fs::write(&path, &plain).unwrap();
    let reference = attach(&store, path.as_os_str(), Attaching::default()).unwrap();
    assert_eq!((reference.mime, reference.note), (Mime::Png, None));
    assert!(std::fs::read(&reference.path).unwrap() == plain);
    let named: &Path = &reference.path;
    assert_eq!(named.extension().unwrap(), "png");
}
