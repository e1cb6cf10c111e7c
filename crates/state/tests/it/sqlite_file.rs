//! What the file adds: several processes at once, persistence, and privacy.

use std::path::Path;

use state::{
    Authentication, Error, Files as _, KeyAction, KeyKind, Keys as _, PlainKey, Rejection, Secrets as _,
    SqliteState, State,
};

use crate::{at, new_key};

/// Two states on one file share nothing in memory, so they stand for two processes.
async fn two_on(path: &Path) -> (SqliteState, SqliteState) {
    (SqliteState::open(path).await.unwrap(), SqliteState::open(path).await.unwrap())
}

#[tokio::test]
async fn a_running_server_sees_what_a_command_does() {
    let directory = tempfile::tempdir().unwrap();
    let (server, command) = two_on(&directory.path().join("state.sqlite")).await;
    // The server has already looked, so that anything it remembers would show.
    server.create_key(new_key(KeyKind::Viewer, "wall"), at(0)).await.unwrap();

    let created = command.create_key(new_key(KeyKind::Ingest, "ci"), at(1)).await.unwrap();
    let plain = created.secret.expose();
    assert_eq!(server.authenticate(plain, at(2)).await.unwrap(), Authentication::Valid(created.key.clone()));
    let revoked = command.revoke_key(&created.key.id, at(3)).await.unwrap();
    assert_eq!(server.authenticate(plain, at(4)).await.unwrap(), Authentication::Revoked(revoked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_may_open_a_new_file_and_write_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new").join("state.sqlite");
    let tasks: Vec<_> = (0..8)
        .map(|process| {
            let path = path.clone();
            tokio::spawn(async move {
                let state = SqliteState::open(&path).await.unwrap();
                for number in 0..5 {
                    let name = format!("{process}-{number}");
                    state.create_key(new_key(KeyKind::Ingest, &name), at(number)).await.unwrap();
                }
                // Only one may get the name that all want.
                let wanted = state.create_key(new_key(KeyKind::Admin, "wanted"), at(9)).await;
                let got_it = match wanted {
                    Ok(_) => 1,
                    Err(Error::NameTaken { .. }) => 0,
                    Err(other) => panic!("{other:?}"),
                };
                (got_it, state.secret("paging-cursor").await.unwrap())
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    assert_eq!(outcomes.iter().map(|(got_it, _)| got_it).sum::<i32>(), 1);
    assert!(outcomes.iter().all(|(_, secret)| *secret == outcomes[0].1), "all have the same secret");
    let state = SqliteState::open(&path).await.unwrap();
    assert_eq!(state.list_keys().await.unwrap().len(), 8 * 5 + 1);
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    let first = SqliteState::open(&path).await.unwrap();
    let created = first.create_key(new_key(KeyKind::Ingest, "ci"), at(0)).await.unwrap();
    let secret = first.secret("paging-cursor").await.unwrap();
    first.touch_key(&created.key.id, at(10)).await.unwrap();
    first.touch_key(&created.key.id, at(40)).await.unwrap();
    first.close().await.unwrap();

    let second = SqliteState::open(&path).await.unwrap();
    let outcome = second.authenticate(created.secret.expose(), at(50)).await.unwrap();
    let Authentication::Valid(key) = outcome else { panic!("{outcome:?}") };
    assert_eq!(key.last_used_at, Some(at(40)), "closing writes the uses that were waiting");
    assert_eq!(second.secret("paging-cursor").await.unwrap(), secret);
    second.touch_key(&created.key.id, at(200)).await.unwrap();
    let first_uses =
        second.audit(10).await.unwrap().iter().filter(|event| event.action == KeyAction::FirstUsed).count();
    assert_eq!(first_uses, 1, "the first use stays the first");
}

#[tokio::test]
async fn no_secret_is_anywhere_in_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    let state = SqliteState::open(&path).await.unwrap();
    let mut secrets: Vec<PlainKey> = Vec::new();
    for kind in KeyKind::ALL {
        let created = state.create_key(new_key(kind, "laptop"), at(0)).await.unwrap();
        state.authenticate(created.secret.expose(), at(1)).await.unwrap();
        state.touch_key(&created.key.id, at(1)).await.unwrap();
        state.revoke_key(&created.key.id, at(2)).await.unwrap();
        secrets.push(created.secret);
    }
    // Once with the write-ahead log beside it and once folded into the file.
    assert_not_in_files(directory.path(), &secrets);
    state.close().await.unwrap();
    assert_not_in_files(directory.path(), &secrets);
}

fn assert_not_in_files(directory: &Path, secrets: &[PlainKey]) {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let contains = |needle: &str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(contains("laptop"), "the names are in the files, so this looks in the right place");
    for (secret, kind) in secrets.iter().zip(KeyKind::ALL) {
        let random = secret.expose().strip_prefix(kind.prefix()).unwrap();
        assert!(!contains(random) && !contains(&random[..20]), "a secret is in the files");
    }
}

#[tokio::test]
async fn the_audit_log_cannot_be_rewritten() {
    use sqlx::Connection as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    let state = SqliteState::open(&path).await.unwrap();
    state.create_key(new_key(KeyKind::Ingest, "ci"), at(0)).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    for statement in ["delete from key_events", "update key_events set at = 0"] {
        let error = sqlx::raw_sql(statement).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("the audit log is append-only"), "{error}");
    }
    assert_eq!(state.audit(10).await.unwrap().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let path = data.join("state.sqlite");
    let state = SqliteState::open(&path).await.unwrap();
    state.create_key(new_key(KeyKind::Ingest, "ci"), at(0)).await.unwrap();
    assert_eq!(mode(&data), 0o700);
    let modes: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| mode(&entry.unwrap().path())).collect();
    assert_eq!(modes, [0o600; 3], "the file, its write-ahead log and their index");
    state.close().await.unwrap();

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    SqliteState::open(&path).await.unwrap().close().await.unwrap();
    assert_eq!(mode(&path), 0o600, "a file that was opened up is closed again");
}

#[tokio::test]
async fn a_place_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let occupied = directory.path().join("occupied");
    std::fs::write(&occupied, "a file, not a directory").unwrap();
    let error = SqliteState::open(&occupied.join("state.sqlite")).await.unwrap_err();
    assert!(matches!(error, Error::CannotCreate { .. }), "{error:?}");
    assert!(error.to_string().contains("occupied/state.sqlite cannot be created"), "{error}");
}

#[test]
fn the_port_is_one_object() {
    fn assert_object(_: Option<std::sync::Arc<dyn State>>) {}
    assert_object(None::<std::sync::Arc<SqliteState>>.map(|state| state as _));
}

#[tokio::test]
async fn a_backup_is_a_state_of_its_own_with_everything() {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copy.sqlite");
    let state = SqliteState::open(&directory.path().join("state.sqlite")).await.unwrap();
    let before = state.create_key(new_key(KeyKind::Ingest, "before"), at(0)).await.unwrap();
    let secret = state.secret("paging-cursor").await.unwrap();
    state.back_up(&copy).await.unwrap();
    state.create_key(new_key(KeyKind::Ingest, "after"), at(1)).await.unwrap();
    let again = state.back_up(&copy).await.unwrap_err();
    assert!(matches!(again, Error::CannotCreate { .. }), "{again}");

    let restored = SqliteState::open(&copy).await.unwrap();
    assert_eq!(restored.list_keys().await.unwrap(), std::slice::from_ref(&before.key));
    let known = restored.authenticate(before.secret.expose(), at(2)).await.unwrap();
    assert_eq!(known, Authentication::Valid(before.key));
    assert_eq!(restored.secret("paging-cursor").await.unwrap(), secret);
    assert_eq!(restored.damages().await.unwrap(), Vec::<String>::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_text_that_is_erased_is_in_no_byte_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    let state = SqliteState::open(&path).await.unwrap();
    let own = state.create_key(new_key(KeyKind::Ingest, "of Ann@example.org"), at(0)).await.unwrap();
    let other = state.create_key(new_key(KeyKind::Ingest, "ci"), at(1)).await.unwrap();
    let rejection = |place: &str| Rejection {
        source: "otlp".into(),
        reason: format!("not for {place}"),
        place: place.into(),
        count: 1,
        at: at(2),
    };
    state.count_rejections(&[rejection("ann@example.org"), rejection("elsewhere")]).await.unwrap();
    let holds = || -> bool {
        let files = std::fs::read_dir(directory.path()).unwrap();
        let mut texts = files.map(|file| std::fs::read(file.unwrap().path()).unwrap().to_ascii_lowercase());
        texts.any(|text| text.windows(15).any(|window| window == b"ann@example.org"))
    };
    assert!(holds());
    assert_eq!(state.erase(&["ann@example.org"]).await.unwrap(), 2, "the key's name, and the log's");
    assert!(!holds());

    assert_eq!(state.rejections().await.unwrap().len(), 1);
    let keys = state.list_keys().await.unwrap();
    assert_eq!(keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["(erased)", "ci"]);
    for created in [own, other] {
        let known = state.authenticate(created.secret.expose(), at(3)).await.unwrap();
        assert!(matches!(known, Authentication::Valid(_)), "{known:?}");
    }
    // The log goes on, and is not to be changed.
    state.revoke_key(&keys[0].id, at(4)).await.unwrap();
    assert_eq!(state.audit(10).await.unwrap().len(), 3);
    state.erase(&["nobody"]).await.unwrap();
}
