//! Files that grow while they are read.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::harness::{Facts, Harness};
use super::makers::{answer, prompt};
use crate::transcripts::{Phase, Progress};

/// Far above what any step takes; a test that runs into it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

fn turn(number: u32) -> String {
    format!("{}\n{}\n", prompt(number, "Hello"), answer(number + 1, &format!("msg_{number}"), 10, json!([])))
}

/// A real file with something of everything: an interactive session, a resumed one, a fork.
fn real_files() -> Vec<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/claude-home");
    [
        "interactive/projects/-tmp-pitwall-interactive-workspace/ef8fa098-0176-4e59-abb0-8393aae0ee38.jsonl",
        "resume/projects/-tmp-pitwall-resume-workspace/3c3ba448-3a5b-4c19-b4b6-69fd96e0614b.jsonl",
        "extras/projects/-tmp-pitwall-extras-workspace/3f7eee0e-2213-4313-aad6-39de20f9fa97.jsonl",
    ]
    .map(|path| home.join(path))
    .into()
}

#[tokio::test]
async fn any_growth_gives_the_same_records() {
    for path in real_files() {
        let bytes = fs::read(&path).unwrap();
        let whole = Harness::new().await;
        whole.write("s.jsonl", &bytes);
        whole.scan().await;
        for step in [997, 4_001, 20_011] {
            let growing = Harness::new().await;
            growing.write("s.jsonl", b"");
            for piece in bytes.chunks(step) {
                growing.append("s.jsonl", piece);
                // Every time another process, which knows only what was saved.
                growing.scan().await;
            }
            assert_eq!(growing.records(), whole.records(), "{} in steps of {step}", path.display());
            let (grown, read) = (growing.cursor("s.jsonl").await, whole.cursor("s.jsonl").await);
            assert_eq!((grown.offset, grown.lines_read), (read.offset, read.lines_read));
            assert_eq!((grown.tail_hash, grown.context), (read.tail_hash, read.context));
        }
    }
}

#[tokio::test]
async fn only_what_is_new_is_read() {
    let harness = Harness::new().await;
    harness.write("a.jsonl", turn(1));
    harness.write("b.jsonl", turn(3));
    assert_eq!(harness.scan().await.files_done, 2);
    let nothing = harness.scan().await;
    assert_eq!((nothing.files_total, nothing.lines_read), (0, 0));
    harness.append("a.jsonl", turn(5));
    let some = harness.scan().await;
    assert_eq!((some.files_done, some.lines_read, some.bytes_done), (1, 2, turn(5).len() as u64));
    assert_eq!(Facts::of(&harness.records()).requests, 3);
}

async fn until(progress: &mut watch::Receiver<Progress>, reached: impl FnMut(&Progress) -> bool) {
    tokio::time::timeout(PATIENCE, progress.wait_for(reached)).await.expect("took too long").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_followed_until_told_to_stop() {
    let harness = Harness::new().await;
    harness.write("a.jsonl", turn(1));
    let mut transcripts = harness.transcripts();
    // So long that only notifications can be in time.
    transcripts.settings.rescan = PATIENCE * 10;
    let mut progress = transcripts.progress();
    let cancel = CancellationToken::new();
    let running = tokio::spawn(transcripts.run(cancel.clone()));
    until(&mut progress, |now| now.phase == Phase::Following && now.lines_read == 2).await;

    harness.append("a.jsonl", turn(3));
    until(&mut progress, |now| now.lines_read == 4).await;
    harness.write("b.jsonl", turn(5));
    until(&mut progress, |now| now.lines_read == 6).await;
    harness.write("s/subagents/agent-1.jsonl", turn(7));
    until(&mut progress, |now| now.lines_read == 8).await;

    harness.ledger.lock().unwrap().refuses = true;
    harness.append("a.jsonl", turn(9));
    until(&mut progress, |now| now.last_error.is_some()).await;
    harness.ledger.lock().unwrap().refuses = false;
    harness.append("a.jsonl", turn(11));
    until(&mut progress, |now| now.lines_read == 12 && now.last_error.is_none()).await;

    cancel.cancel();
    tokio::time::timeout(PATIENCE, running).await.expect("took too long").unwrap().unwrap();
    assert_eq!(progress.borrow().phase, Phase::Stopped);
    assert_eq!(Facts::of(&harness.records()).requests, 6);
}
