//! How much memory all requests together may take up.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;

/// Room for requests that are being read, decoded or written; shared by all connections.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    free: Arc<Semaphore>,
    total_bytes: usize,
}

/// A unit of room, in bytes: small enough not to waste any, large enough that counts fit a permit.
const UNIT_BYTES: usize = 256;

impl Room {
    pub(crate) fn of_bytes(total_bytes: usize) -> Self {
        let units = (total_bytes / UNIT_BYTES).clamp(1, Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(units)), total_bytes }
    }

    /// Nothing yet, for one request.
    pub(crate) fn lease(&self) -> Lease {
        Lease { room: self.clone(), permit: None, units: 0 }
    }
}

/// The room that one request takes up, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    room: Room,
    permit: Option<OwnedSemaphorePermit>,
    units: usize,
}

impl Lease {
    /// Makes the lease at least this large, or refuses: for good when no request may be so large, until
    /// later when others take up the room.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), Refusal> {
        if bytes > self.room.total_bytes {
            return Err(Refusal::TooLarge { limit_bytes: self.room.total_bytes });
        }
        let units = bytes.div_ceil(UNIT_BYTES).min(self.room.total_bytes / UNIT_BYTES);
        let Some(missing) = units.checked_sub(self.units).filter(|&missing| missing > 0) else {
            return Ok(());
        };
        let overloaded =
            || Refusal::Overloaded("too many requests are being received; try again in a second".into());
        let missing_permits = u32::try_from(missing).map_err(|_| overloaded())?;
        let more =
            Arc::clone(&self.room.free).try_acquire_many_owned(missing_permits).map_err(|_| overloaded())?;
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            none => *none = Some(more),
        }
        self.units = units;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_shared_and_given_back() {
        let room = Room::of_bytes(10 * UNIT_BYTES);
        let mut first = room.lease();
        first.grow_to(1).unwrap();
        first.grow_to(8 * UNIT_BYTES).unwrap();
        let mut second = room.lease();
        second.grow_to(2 * UNIT_BYTES).unwrap();
        assert!(matches!(second.grow_to(3 * UNIT_BYTES), Err(Refusal::Overloaded(_))));
        drop(first);
        second.grow_to(10 * UNIT_BYTES).unwrap();
        assert!(matches!(second.grow_to(11 * UNIT_BYTES), Err(Refusal::TooLarge { .. })));
    }
}
