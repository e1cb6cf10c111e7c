//! What goes wrong between clients and server.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::request::Request;

/// How often each fault happens, from 0 to 1 of the requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// A request is sent twice, the second time after some others.
    pub duplicates: f64,
    /// A request is held back, and sent after some others.
    pub reorder: f64,
    /// Only the first part of a body arrives; it is then sent again, whole.
    pub truncated: f64,
}

/// One thing to put on the wire.
#[derive(Clone, Debug)]
pub enum Shipment {
    /// A request that counts.
    Whole(Request),
    /// A request that was or will be sent anyway; whatever becomes of it changes nothing.
    Noise(Request),
}

/// How many requests at most overtake one that is held back.
const HELD_BACK: usize = 64;

/// Puts faults into a row of requests.
pub struct WithFaults<I> {
    requests: I,
    faults: Faults,
    dice: ChaCha8Rng,
    held_back: Vec<Shipment>,
    next: Vec<Shipment>,
}

impl<I: Iterator<Item = Request>> WithFaults<I> {
    /// The same faults for the same seed and requests.
    pub fn new(requests: I, faults: Faults, seed: u64) -> Self {
        let dice = ChaCha8Rng::seed_from_u64(seed);
        Self { requests, faults, dice, held_back: Vec::new(), next: Vec::new() }
    }

    fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.dice.random_bool(probability.min(1.0))
    }

    fn let_go(&mut self) -> Option<Shipment> {
        let place = self.dice.random_range(0..self.held_back.len().max(1));
        (place < self.held_back.len()).then(|| self.held_back.swap_remove(place))
    }

    fn take(&mut self, request: Request) {
        if self.happens(self.faults.truncated) {
            let length = self.dice.random_range(0..request.body.len().max(1));
            let mut part = request.clone();
            part.body.truncate(length);
            self.next.push(Shipment::Noise(part));
        }
        if self.happens(self.faults.duplicates) {
            self.held_back.push(Shipment::Noise(request.clone()));
        }
        if self.happens(self.faults.reorder) {
            self.held_back.push(Shipment::Whole(request));
        } else {
            self.next.push(Shipment::Whole(request));
        }
        if self.held_back.len() > HELD_BACK {
            let released = self.let_go();
            self.next.extend(released);
        }
        self.next.reverse();
    }
}

impl<I: Iterator<Item = Request>> Iterator for WithFaults<I> {
    type Item = Shipment;

    fn next(&mut self) -> Option<Shipment> {
        loop {
            if let Some(shipment) = self.next.pop() {
                return Some(shipment);
            }
            match self.requests.next() {
                Some(request) => self.take(request),
                None => return self.let_go(),
            }
        }
    }
}
