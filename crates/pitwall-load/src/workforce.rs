//! All developers, in order of time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use model::Timestamp;

use crate::developer::{Developer, Habits};
use crate::request::{Collector, Export, Request};

/// Who works, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Developers, each with one session at a time.
    pub developers: u32,
    /// When they begin, in simulated time.
    pub begin: Timestamp,
    /// How long they work, in microseconds of simulated time.
    pub length_micros: i64,
    /// Records in a request at least; 1 or less sends every client's exports one by one.
    pub records_per_request: usize,
    /// What all of them have in common.
    pub habits: Habits,
}

/// The requests of a plan, oldest first. Equal plans make equal requests.
pub struct Workforce {
    end: Timestamp,
    developers: Vec<Developer>,
    due: BinaryHeap<Reverse<(Timestamp, usize)>>,
    collector: Collector,
    ready: VecDeque<Request>,
    exports: Vec<Export>,
}

impl Workforce {
    /// Everybody, about to begin.
    pub fn new(plan: &Plan) -> Self {
        let developers: Vec<Developer> =
            (0..plan.developers).map(|number| Developer::new(number, plan.begin, plan.habits)).collect();
        let due = developers.iter().enumerate().map(|(place, developer)| Reverse((developer.due(), place)));
        Self {
            end: plan.begin.plus_micros(plan.length_micros),
            due: due.collect(),
            developers,
            collector: Collector::new(plan.records_per_request),
            ready: VecDeque::new(),
            exports: Vec::new(),
        }
    }

    fn go_on(&mut self) -> bool {
        let next = self.due.pop().map(|Reverse((at, place))| (at, place));
        match next {
            Some((at, place)) if at <= self.end => {
                if let Some(developer) = self.developers.get_mut(place) {
                    developer.work(&mut self.exports);
                    self.due.push(Reverse((developer.due(), place)));
                }
                self.collect();
                true
            }
            Some(_) => {
                self.due.clear();
                for developer in &mut self.developers {
                    developer.leave(self.end, &mut self.exports);
                }
                self.collect();
                self.ready.extend(self.collector.rest());
                true
            }
            None => false,
        }
    }

    fn collect(&mut self) {
        for export in self.exports.drain(..) {
            self.ready.extend(self.collector.take(export));
        }
    }
}

impl Iterator for Workforce {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        while self.ready.is_empty() {
            if !self.go_on() {
                return None;
            }
        }
        self.ready.pop_front()
    }
}
