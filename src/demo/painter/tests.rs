//! What the painter promises: any words at any size, the same picture at every size, files that develop.

use super::*;

fn words(texts: &[&str]) -> Plan {
    plan(&Subject::Words(
        texts.iter().map(|text| (*text).to_owned()).collect(),
    ))
}

fn painted(texts: &[&str], width: u32, height: u32) -> Picture {
    paint(&words(texts), None, width, height)
}

/// The mean difference of two pictures of one size, in steps of 255.
fn apart(one: &Picture, other: &Picture) -> f32 {
    assert_eq!(one.rgb.len(), other.rgb.len());
    let differences = one
        .rgb
        .iter()
        .zip(&other.rgb)
        .map(|(a, b)| f32::from(a.abs_diff(*b)));
    differences.sum::<f32>() / one.rgb.len() as f32
}

#[test]
fn a_picture_is_the_same_at_every_size() {
    for prompt in [
        "a mountain lake at dusk",
        "tokyo skyline at sunset",
        "a red fox in snow",
        "a red square",
    ] {
        let small = painted(&[prompt], 344, 192);
        let large = edit::fit(&painted(&[prompt], 1376, 768), 344, 192, 1.0);
        let other = painted(&["hills at noon"], 344, 192);
        let difference = apart(&small, &large);
        assert!(difference < 8.0, "{prompt}: {difference}");
        assert!(difference * 2.0 < apart(&small, &other), "{prompt}");
    }
}

#[test]
fn every_word_can_be_painted_at_every_shape() {
    let everything = "pine palm tree cactus flowers house lighthouse castle tower windmill church bridge tent boat \
        ship fox wolf cat dog bear panda rabbit owl lion birds fish whale balloon rocket car robot person cup apple \
        mushroom lantern square circle triangle star heart";
    let places = "mountain hill desert field beach forest city snow island space sea lake river";
    for place in places.split(' ') {
        for (width, height) in [(24, 192), (192, 24), (64, 64)] {
            let prompt =
                format!("{place} with {everything}, storm, rain, fog, rainbow, aurora, moon and sun");
            painted(&[&prompt], width, height);
        }
    }
    for filter in [
        "watercolour",
        "oil",
        "sketch",
        "sepia",
        "blur",
        "sharper",
        "pixel",
        "mirror",
        "upside down",
        "zoom",
    ] {
        painted(&["hills", filter], 48, 32);
    }
    for odd in [
        "",
        " \u{0}\u{1b}[31m",
        "\u{72d0}\u{72f8}\u{1f98a}",
        "no no no",
        "larger",
        "remove the fox",
        "larger larger and red",
    ] {
        painted(&[odd], 40, 40);
        painted(&[odd, odd, odd], 40, 40);
        paint(&Plan::edit(odd), Some(&painted(&["hills"], 30, 20)), 40, 40);
    }
}

#[test]
fn a_png_develops_from_the_top_and_weighs_what_its_detail_weighs() {
    let file = finished(&words(&["a mountain lake at dusk"]), None, 1376, 768, false).unwrap();
    assert!((1_200_000..3_000_000).contains(&file.len()), "{}", file.len());
    let chunks = file.windows(4).filter(|window| window == b"IDAT").count();
    assert!(chunks > 50, "{chunks}");
    assert_eq!(file[28], 0, "not interlaced");
    // Half of the bytes hold about half of the rows.
    let mut reader = png::Decoder::new(std::io::Cursor::new(&file[..file.len() / 2]))
        .read_info()
        .unwrap();
    let mut rows = 0;
    while let Ok(Some(_)) = reader.next_row() {
        rows += 1;
    }
    assert!((250..520).contains(&rows), "{rows}");
}

#[test]
fn a_change_keeps_the_rest_of_the_picture() {
    let before = painted(&["the moon over hills at night"], 344, 192);
    let after = painted(
        &["the moon over hills at night", "make the moon larger"],
        344,
        192,
    );
    let below = before.rgb.len() * 3 / 4;
    let lower = |picture: &Picture| Picture {
        rgb: picture.rgb[below..].to_vec(),
        ..picture.clone()
    };
    assert!(apart(&before, &after) > 0.5);
    assert!(
        apart(&lower(&before), &lower(&after)) < 1.0,
        "the hills stay where they are"
    );
}

#[test]
fn a_file_that_is_no_picture_is_not_read() {
    assert!(read(b"\x89PNG\r\n\x1a\n nothing").is_none());
    assert!(read(b"").is_none());
}
