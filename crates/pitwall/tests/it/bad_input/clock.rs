//! A clock that is set back and forth while the server runs: what was acknowledged is counted, each thing once.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use model::{Clock as _, SystemClock, Timestamp};

use crate::numbered::{self, counted, each_once};
use crate::program::{Place, Server, skipped};

const JSON: (&str, &str) = ("content-type", "application/json");

/// How many hours the clock is put away from the true time, one after the other.
const STEPS: [i64; 7] = [0, -24, 2, -9_600, 9_600, -720, 0];

/// A clock for programs that are started under it.
struct SetClock {
    library: PathBuf,
    file: PathBuf,
}

impl SetClock {
    /// Nothing where there is no library for it.
    fn find(place: &Place) -> Option<Self> {
        let folders = fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
        let mut libraries = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
        let library = libraries.find(|library| library.exists())?;
        Some(Self { library, file: place.path("clock") })
    }

    fn put_away_by(&self, hours: i64) {
        // At once as a whole: it is read at any moment.
        let beside = self.file.with_extension("new");
        fs::write(&beside, format!("{hours:+}h\n")).unwrap();
        fs::rename(beside, &self.file).unwrap();
    }

    /// What to start a program with so that it has the clock. How long something takes it still measures truly,
    /// as with a clock that somebody sets.
    fn entrance(&self) -> Vec<String> {
        vec![
            "env".to_owned(),
            format!("LD_PRELOAD={}", self.library.display()),
            format!("FAKETIME_TIMESTAMP_FILE={}", self.file.display()),
            "FAKETIME_NO_CACHE=1".to_owned(),
            "FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned(),
        ]
    }
}

/// How many hours the server's clock is away from the true time.
async fn hours_away(server: &Server) -> i64 {
    let status = server.json("/api/v1/status").await;
    let told = Timestamp::parse_rfc3339(status["now"].as_str().unwrap()).unwrap();
    let minutes = told.micros_since(SystemClock.now()) / 60_000_000;
    // What the answer takes to come is no part of it.
    (minutes + minutes.signum() * 30) / 60
}

#[tokio::test]
async fn a_clock_that_is_set_back_and_forth_loses_and_doubles_nothing() {
    let place = Place::new();
    let Some(clock) = SetClock::find(&place) else {
        return skipped("a clock that is set", "libfaketime is not installed");
    };
    clock.put_away_by(0);
    let mut server = place.serve().under(&clock.entrance()).start();
    let (mut acknowledged, mut before) = (BTreeSet::new(), Vec::new());
    for (round, hours) in (0..).zip(STEPS) {
        clock.put_away_by(hours);
        assert_eq!(hours_away(&server).await, hours, "the clock does not work");
        let requests = numbered::of_sessions(round..round + 1);
        // In two exports, with one from before that is sent again.
        for export in [&requests[..3], &before[..], &requests[3..]] {
            let answer = server.post("/v1/logs", &[JSON], numbered::export(export)).await;
            assert_eq!(answer.status, 200, "{hours} h: {answer:?}");
        }
        acknowledged.extend(requests.iter().copied());
        assert_eq!(counted(&server).await, each_once(&acknowledged), "{hours} h");
        before = requests;
        if round % 3 == 2 {
            server.kill();
            server = place.serve().under(&clock.entrance()).start();
            assert_eq!(counted(&server).await, each_once(&acknowledged), "{hours} h, after a crash");
        }
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
    assert!(server.stop().success());
    place.run(&["verify"]).succeeded();
}
