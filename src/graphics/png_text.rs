//! Text as chunks of a PNG file, which programs that show pictures know to read. It makes the chunks and touches no
//! file.

/// The chunks for these keywords and texts, to be put behind a file's header: `tEXt` where ASCII is enough, `iTXt`
/// where it is not. Keywords are short and ASCII.
pub fn text_chunks(texts: &[(&str, &str)]) -> Vec<u8> {
    let mut chunks = Vec::new();
    for (keyword, text) in texts {
        let text = text.replace('\0', "");
        let (kind, flags): (&[u8; 4], &[u8]) = if text.is_ascii() {
            (b"tEXt", b"\0")
        } else {
            // Not compressed, in no language in particular, the keyword untranslated.
            (b"iTXt", b"\0\0\0\0\0")
        };
        let body = [&kind[..], keyword.as_bytes(), flags, text.as_bytes()].concat();
        let length = u32::try_from(body.len() - 4).unwrap_or(u32::MAX);
        chunks.extend_from_slice(&length.to_be_bytes());
        chunks.extend_from_slice(&body);
        chunks.extend_from_slice(&crc32fast::hash(&body).to_be_bytes());
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_of_png_find_the_text() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[1, 2, 3]).unwrap();
        drop(writer);
        let chunks = text_chunks(&[("Software", "tintype"), ("Description", "赤い狐\0")]);
        bytes.splice(33..33, chunks);
        let reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let info = reader.info();
        assert_eq!(info.uncompressed_latin1_text[0].keyword, "Software");
        assert_eq!(info.uncompressed_latin1_text[0].text, "tintype");
        assert_eq!(info.utf8_text[0].keyword, "Description");
        assert_eq!(info.utf8_text[0].get_text().unwrap(), "赤い狐");
    }
}
