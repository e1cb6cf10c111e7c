use model::Timestamp;
use state::{
    Error, FileCursor, FileMark, MAX_CONTEXT_BYTES, MAX_REJECTION_KINDS, MAX_TEXT_BYTES, OTHER_REASON,
    Rejection, RejectionSummary, State,
};

use crate::at;

super::on_every_adapter!(
    cursors_come_back_as_saved,
    marks_tell_what_the_cursors_do,
    cursors_of_paths_are_found,
    saving_replaces_by_path,
    forgetting_leaves_the_others,
    a_context_that_is_too_large_saves_nothing,
    a_long_error_text_is_cut,
    nothing_to_do_is_fine,
    rejections_add_up,
    the_kinds_of_rejection_are_bounded,
);

fn cursor(path: &str) -> FileCursor {
    FileCursor {
        path: path.to_owned(),
        identity: "64769:1311768".to_owned(),
        size: 8_192,
        modified_at: at(5),
        offset: 8_000,
        tail_hash: -7_046_029_254_386_353_131,
        lines_read: 41,
        lines_skipped: 1,
        last_error: None,
        boundary: at(7),
        context: r#"{"session":"1d0c…"}"#.to_owned(),
    }
}

fn rejection(reason: &str, place: &str, count: u64, second: i64) -> Rejection {
    Rejection {
        source: "transcripts".to_owned(),
        reason: reason.to_owned(),
        place: place.to_owned(),
        count,
        at: at(second),
    }
}

async fn cursors_come_back_as_saved(state: &dyn State) {
    let plain = cursor("/home/ann/.claude/projects/-src-app/a.jsonl");
    let extreme = FileCursor {
        path: "C:\\Users\\Zoë\\b 'quoted'.jsonl".to_owned(),
        size: i64::MAX as u64,
        tail_hash: i64::MIN,
        last_error: Some("permission denied".to_owned()),
        context: "x".repeat(MAX_CONTEXT_BYTES),
        ..cursor("")
    };
    state.save_file_cursors(&[plain.clone(), extreme.clone()]).await.unwrap();
    assert_eq!(state.file_cursors().await.unwrap(), [plain, extreme]);
}

async fn marks_tell_what_the_cursors_do(state: &dyn State) {
    assert_eq!(state.file_marks().await.unwrap(), []);
    let odd = FileCursor {
        path: "C:\\Users\\Zoë\\b 'quoted' \"twice\"\n\u{1}.jsonl".to_owned(),
        identity: String::new(),
        size: i64::MAX as u64,
        modified_at: Timestamp::MIN,
        last_error: Some("permission denied".to_owned()),
        boundary: Timestamp::MIN,
        ..cursor("")
    };
    state.save_file_cursors(&[cursor("a"), odd.clone()]).await.unwrap();
    let mut marks = state.file_marks().await.unwrap();
    marks.sort_by(|left, right| left.path.cmp(&right.path));
    let of_odd = FileMark {
        path: odd.path.clone(),
        identity: String::new(),
        size: i64::MAX as u64,
        modified_at: Timestamp::MIN,
        offset: 8_000,
        failed: true,
        boundary: Timestamp::MIN,
    };
    assert_eq!(marks, [of_odd, cursor("a").into_mark()]);
    assert!(!marks[1].failed);
}

async fn cursors_of_paths_are_found(state: &dyn State) {
    let quoted = cursor("it's \"b\".jsonl");
    state.save_file_cursors(&[cursor("a"), quoted.clone(), cursor("c")]).await.unwrap();
    let asked = ["c", &quoted.path, "never seen"].map(str::to_owned);
    assert_eq!(state.file_cursors_of(&asked).await.unwrap(), [cursor("c"), quoted]);
    assert_eq!(state.file_cursors_of(&[]).await.unwrap(), []);
}

async fn saving_replaces_by_path(state: &dyn State) {
    state.save_file_cursors(&[cursor("a"), cursor("b")]).await.unwrap();
    let moved_on = FileCursor { offset: 9_000, size: 9_100, lines_read: 50, ..cursor("a") };
    state.save_file_cursors(&[FileCursor { offset: 1, ..cursor("a") }, moved_on.clone()]).await.unwrap();
    assert_eq!(state.file_cursors().await.unwrap(), [moved_on, cursor("b")]);
}

async fn forgetting_leaves_the_others(state: &dyn State) {
    state.save_file_cursors(&[cursor("a"), cursor("b"), cursor("c")]).await.unwrap();
    state.forget_file_cursors(&["a".to_owned(), "never seen".to_owned(), "c".to_owned()]).await.unwrap();
    assert_eq!(state.file_cursors().await.unwrap(), [cursor("b")]);
}

async fn a_context_that_is_too_large_saves_nothing(state: &dyn State) {
    let too_large = FileCursor { context: "x".repeat(MAX_CONTEXT_BYTES + 1), ..cursor("b") };
    let error = state.save_file_cursors(&[cursor("a"), too_large]).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { size: 65_537, limit: 65_536, .. }), "{error:?}");
    assert_eq!(error.to_string(), "the reading context of b has 65537 bytes, at most 65536 are kept");
    assert_eq!(state.file_cursors().await.unwrap(), []);
}

async fn a_long_error_text_is_cut(state: &dyn State) {
    let failing = FileCursor { last_error: Some("x".repeat(MAX_TEXT_BYTES + 1)), ..cursor("a") };
    state.save_file_cursors(&[failing]).await.unwrap();
    let kept = state.file_cursors().await.unwrap().remove(0).last_error.unwrap();
    assert_eq!(kept.len(), MAX_TEXT_BYTES);
}

async fn nothing_to_do_is_fine(state: &dyn State) {
    state.save_file_cursors(&[]).await.unwrap();
    state.forget_file_cursors(&[]).await.unwrap();
    state.count_rejections(&[rejection("not JSON", "a:1", 0, 1)]).await.unwrap();
    assert_eq!(state.file_cursors().await.unwrap(), []);
    assert_eq!(state.rejections().await.unwrap(), []);
}

async fn rejections_add_up(state: &dyn State) {
    state
        .count_rejections(&[rejection("not JSON", "a:1", 2, 1), rejection("too long", "b:7", 1, 2)])
        .await
        .unwrap();
    state
        .count_rejections(&[rejection("too long", "c:9", 4, 9), rejection("too long", "d:1", 1, 8)])
        .await
        .unwrap();
    let summary = |reason: &str, place: &str, count, first, last| RejectionSummary {
        source: "transcripts".to_owned(),
        reason: reason.to_owned(),
        place: place.to_owned(),
        count,
        first_at: at(first),
        last_at: at(last),
    };
    assert_eq!(
        state.rejections().await.unwrap(),
        [summary("too long", "d:1", 6, 2, 9), summary("not JSON", "a:1", 2, 1, 1)]
    );
}

async fn the_kinds_of_rejection_are_bounded(state: &dyn State) {
    let kinds = MAX_REJECTION_KINDS + 5;
    let many: Vec<_> = (0..kinds).map(|kind| rejection(&format!("reason {kind}"), "a:1", 1, 1)).collect();
    state.count_rejections(&many).await.unwrap();
    state.count_rejections(&[rejection("reason 0", "a:2", 1, 2)]).await.unwrap();
    let summaries = state.rejections().await.unwrap();
    let count_of = |reason: &str| summaries.iter().find(|one| one.reason == reason).map(|one| one.count);
    assert_eq!(count_of(OTHER_REASON), Some(5));
    assert_eq!(count_of("reason 0"), Some(2), "a known reason is still told apart");
    assert_eq!(summaries.iter().map(|one| one.count).sum::<u64>(), u64::from(kinds) + 1);
    assert_eq!(summaries.len(), MAX_REJECTION_KINDS as usize + 1);
}
