//! Bodies as they come over HTTP: bounded, perhaps compressed.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::refusal::Refusal;
use super::room::Lease;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    Identity,
    /// gzip.
    Gzip,
}

impl Compression {
    /// Reads a `Content-Encoding`; `None` when there is no such header.
    pub fn from_content_encoding(content_encoding: Option<&str>) -> Result<Self, Refusal> {
        match content_encoding.map(str::trim) {
            None | Some("") => Ok(Self::Identity),
            Some(name) if name.eq_ignore_ascii_case("identity") => Ok(Self::Identity),
            Some(name) if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => {
                Ok(Self::Gzip)
            }
            Some(name) => Err(Refusal::ContentEncoding(name.to_owned())),
        }
    }
}

/// Decompresses a gzip body. Stops as soon as the result is over the limit or there is no room for it, so
/// that a small body that swells costs no more than that.
pub(crate) fn gunzip(body: &[u8], limit_bytes: usize, lease: &mut Lease) -> Result<Vec<u8>, Refusal> {
    const STEP_BYTES: usize = 64 * 1024;
    let mut decoder = MultiGzDecoder::new(body);
    let mut plain = Vec::with_capacity(body.len().saturating_mul(4).min(STEP_BYTES));
    loop {
        let before = plain.len();
        let step = STEP_BYTES.max(before).min(limit_bytes + 1 - before);
        lease.grow_to(body.len() + before + step)?;
        let read = decoder
            .by_ref()
            .take(step as u64)
            .read_to_end(&mut plain)
            .map_err(|error| Refusal::Malformed(format!("the body is not gzip: {error}")))?;
        if plain.len() > limit_bytes {
            return Err(Refusal::TooLarge { limit_bytes });
        }
        if read < step {
            return Ok(plain);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;

    use super::super::room::Room;
    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_body_is_decompressed_up_to_the_limit() {
        let room = Room::of_bytes(64 << 20);
        for size in [0, 1, 65_535, 65_536, 65_537, 1_000_000] {
            let plain = vec![7; size];
            assert_eq!(gunzip(&gzip(&plain), size, &mut room.lease()).unwrap(), plain, "{size}");
            if size > 0 {
                let refusal = gunzip(&gzip(&plain), size - 1, &mut room.lease()).unwrap_err();
                assert_eq!(refusal, Refusal::TooLarge { limit_bytes: size - 1 });
            }
        }
    }

    #[test]
    fn a_bomb_stops_where_the_room_ends() {
        let bomb = gzip(&vec![0; 50_000_000]);
        assert!(bomb.len() < 500_000);
        let refusal = gunzip(&bomb, 40_000_000, &mut Room::of_bytes(2_000_000).lease()).unwrap_err();
        assert_eq!(refusal, Refusal::TooLarge { limit_bytes: 2_000_000 });
    }

    #[test]
    fn what_is_not_gzip_is_told() {
        let room = Room::of_bytes(1 << 20);
        assert!(matches!(gunzip(b"plain", 1_000, &mut room.lease()), Err(Refusal::Malformed(_))));
        let cut = &gzip(b"some text that is cut")[..20];
        assert!(matches!(gunzip(cut, 1_000, &mut room.lease()), Err(Refusal::Malformed(_))));
    }
}
