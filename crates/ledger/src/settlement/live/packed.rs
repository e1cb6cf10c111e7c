//! A live session while nothing comes of it: the same in a fraction of the memory.

use model::SessionId;

use super::{LiveSession, Origin};

/// A [`LiveSession`] that is put away. It never leaves the process, so nothing but this version has to read it.
#[derive(Debug)]
pub struct PackedSession {
    origin: Origin,
    tally: Box<[u8]>,
}

impl LiveSession {
    /// Puts it away. `None` if that cannot be done; it has then to be looked at as a whole when more comes.
    pub fn pack(self) -> Option<PackedSession> {
        let tally = postcard::to_allocvec(&self.tally).ok()?.into_boxed_slice();
        Some(PackedSession { origin: self.origin, tally })
    }
}

impl PackedSession {
    /// The session.
    pub const fn session(&self) -> &SessionId {
        &self.origin.session
    }

    /// The session as it was. `None` if that cannot be done; it has then to be looked at as a whole.
    pub fn unpack(self) -> Option<LiveSession> {
        let tally = postcard::from_bytes(&self.tally).ok()?;
        Some(LiveSession { origin: self.origin, tally })
    }

    /// Takes out what grows with the session, to be kept elsewhere until it is put back.
    pub fn take_tally(&mut self) -> Box<[u8]> {
        std::mem::take(&mut self.tally)
    }

    /// Puts back what was taken out of it.
    pub fn put_tally(&mut self, tally: Box<[u8]>) {
        self.tally = tally;
    }

    /// About how many bytes it takes up.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.origin.bytes() + self.tally.len()
    }
}
