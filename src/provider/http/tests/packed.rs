//! Bodies that a server packs although nobody asked: they come out as they were, piece by piece, or it is said why not.

use compression_codecs::brotli::params::EncoderParams;
use compression_codecs::core::util::{PartialBuffer, WriteBuffer};
use compression_codecs::{BrotliEncoder, EncodeV2, GzipEncoder, ZstdEncoder};

use super::*;

/// Packs pieces so that each can be read before the next one is there.
fn pack(mut encoder: impl EncodeV2, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut room = vec![0; 1 << 20];
    let mut packed: Vec<Vec<u8>> = Vec::new();
    for piece in pieces {
        let mut output = WriteBuffer::new_initialized(&mut room);
        encoder
            .encode(&mut PartialBuffer::new(*piece), &mut output)
            .unwrap();
        assert!(encoder.flush(&mut output).unwrap());
        packed.push(output.written().to_vec());
    }
    let mut output = WriteBuffer::new_initialized(&mut room);
    assert!(encoder.finish(&mut output).unwrap());
    packed.push(output.written().to_vec());
    packed
}

fn gzip(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    pack(
        GzipEncoder::new(compression_codecs::core::Level::Default.into()),
        pieces,
    )
}

#[tokio::test]
async fn every_event_of_a_packed_stream_comes_when_it_is_sent() {
    let events: [&[u8]; 3] = [b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"];
    let brotli = pack(BrotliEncoder::new(EncoderParams::default()), &events);
    let zstd = pack(ZstdEncoder::new(1), &events);
    for (label, pieces) in [
        ("content-encoding: gzip\r\n", gzip(&events)),
        ("Content-Encoding: X-GZIP\r\n", gzip(&events)),
        ("transfer-encoding: gzip\r\n", gzip(&events)),
        ("", gzip(&events)),
        ("content-encoding: br\r\n", brotli),
        ("content-encoding: Zstd\r\n", zstd),
    ] {
        let (go, mut gate) = tokio::sync::mpsc::channel::<()>(1);
        let (address, _server) = serve(async move |mut stream| {
            call(&mut stream).await;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{label}transfer-encoding: chunked\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            for piece in pieces {
                gate.recv().await;
                let size = format!("{:x}\r\n", piece.len());
                stream.write_all(&[size.as_bytes(), &piece, b"\r\n"].concat()).await.unwrap();
            }
            stream.write_all(b"0\r\n\r\n").await.unwrap();
        })
        .await;
        let mut answer = ask(&Http::new(), &at("anyfast", address)).await.unwrap();
        for event in events {
            go.send(()).await.unwrap();
            assert_eq!(answer.next().await.unwrap().as_deref(), Some(event), "{label}");
        }
        go.send(()).await.unwrap();
        assert_eq!(answer.next().await, Ok(None), "{label}");
    }
}

/// The answer to a call whose body is sent whole.
async fn whole(head: &str, body: &[u8]) -> (Vec<u8>, Option<Error>) {
    let head = format!("HTTP/1.1 200 OK\r\n{head}content-length: {}\r\n\r\n", body.len());
    let (address, _server) = answering([head.as_bytes(), body].concat()).await;
    let mut answer = ask(&Http::new(), &at("anyfast", address)).await.unwrap();
    let mut came = Vec::new();
    loop {
        match answer.next().await {
            Ok(Some(bytes)) => {
                assert!(bytes.len() < 2 * BATCH, "{}", bytes.len());
                came.extend_from_slice(&bytes);
            }
            Ok(None) => return (came, None),
            Err(error) => return (came, Some(error)),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_unpacked_is_named_and_what_came_before_is_kept() {
    let (came, error) = whole("content-encoding: compress\r\n", b"\x1f\x9d\x90d\xc2").await;
    let error = error.unwrap();
    assert!(came.is_empty());
    assert_eq!((error.kind, error.billed), (Kind::BadAnswer, Billed::Maybe));
    assert!(error.message.contains("\u{201c}compress\u{201d}"), "{error}");

    let packed = gzip(&[b"data: one\n\n", b"data: two\n\n"]);
    let (came, error) = whole("content-encoding: gzip\r\n", &packed[0]).await;
    let error = error.unwrap();
    assert_eq!(came, b"data: one\n\n");
    assert_eq!((error.kind, error.billed), (Kind::Cut, Billed::Maybe));
    assert!(error.message.contains("gzip"), "{error}");

    let damaged = [&packed[0][..], &[0xff; 40]].concat();
    let (_, error) = whole("content-encoding: gzip\r\n", &damaged).await;
    assert_eq!(error.unwrap().kind, Kind::BadAnswer);
}

#[tokio::test]
async fn large_answers_and_small_bombs_come_in_batches() {
    let large = noise(700_000);
    let (came, error) = whole("content-encoding: gzip\r\n", &gzip(&[&large]).concat()).await;
    assert!(error.is_none() && came == large, "{} {error:?}", came.len());
    let zeros = vec![0; 900_000];
    let bomb = gzip(&[&zeros[..]; 20]).concat();
    let (came, error) = whole("content-encoding: gzip\r\n", &bomb).await;
    assert!(
        error.is_none() && came.len() == 18_000_000,
        "{} {error:?}",
        came.len()
    );
}

#[tokio::test]
async fn a_packed_error_is_read() {
    let body = gzip(&[b"{\"error\":{\"message\":\"no\"}}"]).concat();
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (address, _server) = answering([head.as_bytes(), &body].concat()).await;
    let mut answer = ask(&Http::new(), &at("anyfast", address)).await.unwrap();
    assert_eq!(answer.error_body().await, b"{\"error\":{\"message\":\"no\"}}");
}
