use std::collections::HashSet;

use model::{OrganizationId, Timestamp};
use state::{Authentication, Error, KeyAction, KeyId, KeyKind, KeyPresence, MAX_NAME_CHARS, NewKey, State};

use crate::{at, expiring, in_organization, new_key};

super::on_every_adapter!(
    a_created_key_authenticates,
    what_is_no_key_is_unknown,
    a_revoked_key_is_told_apart,
    revoking_again_changes_nothing,
    a_key_expires_at_its_instant,
    keys_are_listed_oldest_first,
    a_name_in_use_is_refused,
    a_name_is_free_again_after_revocation_or_expiry,
    unfit_descriptions_are_refused,
    presence_tells_never_from_lapsed,
    uses_are_written_once_a_minute,
    every_event_is_audited_once,
    an_expiry_is_audited_once_when_it_is_met,
    a_created_key_does_not_print_its_secret,
);

fn id_of(authentication: Authentication) -> KeyId {
    match authentication {
        Authentication::Valid(key) => key.id,
        other => panic!("not valid: {other:?}"),
    }
}

async fn last_used(state: &dyn State, id: &KeyId) -> Option<Timestamp> {
    state.list_keys().await.unwrap().into_iter().find(|key| key.id == *id).unwrap().last_used_at
}

async fn a_created_key_authenticates(state: &dyn State) {
    let mut ids = HashSet::new();
    for (kind, prefix) in [
        (KeyKind::Admin, "sk-ant-admin01-"),
        (KeyKind::Ingest, "pw-ingest-"),
        (KeyKind::Viewer, "pw-viewer-"),
    ] {
        let created =
            state.create_key(in_organization("acme", new_key(kind, " laptop ")), at(0)).await.unwrap();
        let plain = created.secret.expose();
        assert_eq!(plain.len(), prefix.len() + 43, "32 bytes in base64url");
        assert!(plain.starts_with(prefix));
        assert_eq!(created.key.hint, format!("{prefix}...{}", &plain[plain.len() - 4..]));
        assert_eq!((created.key.kind, created.key.name.as_str()), (kind, "laptop"));
        assert_eq!(created.key.organization, Some(OrganizationId::new("acme")));
        assert_eq!(created.key.created_at, at(0));
        assert!(created.key.id.as_str().starts_with("key_"));
        assert_eq!(
            state.authenticate(plain, at(1)).await.unwrap(),
            Authentication::Valid(created.key.clone())
        );
        ids.insert(created.key.id);
    }
    assert_eq!(ids.len(), 3);
}

async fn what_is_no_key_is_unknown(state: &dyn State) {
    let created = state.create_key(new_key(KeyKind::Ingest, "laptop"), at(0)).await.unwrap();
    let plain = created.secret.expose();
    let swapped = if plain.ends_with('A') { "B" } else { "A" };
    let last_changed = format!("{}{swapped}", &plain[..plain.len() - 1]);
    let other_prefix = plain.replace("pw-ingest-", "pw-viewer-");
    let padded = format!(" {plain}");
    let huge = "x".repeat(1_000_000);
    for presented in ["", "pw-ingest-", created.key.id.as_str(), &last_changed, &other_prefix, &padded, &huge]
    {
        assert_eq!(
            state.authenticate(presented, at(1)).await.unwrap(),
            Authentication::Unknown,
            "{presented:.80}"
        );
    }
}

async fn a_revoked_key_is_told_apart(state: &dyn State) {
    let revoked = state.create_key(expiring(50, new_key(KeyKind::Viewer, "wall")), at(0)).await.unwrap();
    let kept = state.create_key(new_key(KeyKind::Viewer, "desk"), at(0)).await.unwrap();
    let returned = state.revoke_key(&revoked.key.id, at(10)).await.unwrap();
    assert_eq!(returned.revoked_at, Some(at(10)));
    for second in [10, 60] {
        let outcome = state.authenticate(revoked.secret.expose(), at(second)).await.unwrap();
        assert_eq!(outcome, Authentication::Revoked(returned.clone()), "also once it has expired");
    }
    assert_eq!(id_of(state.authenticate(kept.secret.expose(), at(60)).await.unwrap()), kept.key.id);
}

async fn revoking_again_changes_nothing(state: &dyn State) {
    let created = state.create_key(new_key(KeyKind::Admin, "bi"), at(0)).await.unwrap();
    let first = state.revoke_key(&created.key.id, at(10)).await.unwrap();
    assert_eq!(state.revoke_key(&created.key.id, at(20)).await.unwrap(), first);
    assert_eq!(state.audit(10).await.unwrap().len(), 2);

    let error = state.revoke_key(&KeyId::new("key_none"), at(20)).await.unwrap_err();
    assert!(matches!(&error, Error::KeyNotFound(id) if id.as_str() == "key_none"), "{error:?}");
    assert_eq!(error.to_string(), "no key has the id key_none: `pitwall key list` shows them all");
}

async fn a_key_expires_at_its_instant(state: &dyn State) {
    let created = state.create_key(expiring(100, new_key(KeyKind::Ingest, "trial")), at(0)).await.unwrap();
    let just_before = Timestamp::from_micros(at(100).as_micros() - 1);
    let plain = created.secret.expose();
    assert_eq!(id_of(state.authenticate(plain, just_before).await.unwrap()), created.key.id);
    assert_eq!(
        state.authenticate(plain, at(100)).await.unwrap(),
        Authentication::Expired(created.key.clone())
    );
    assert!(created.key.is_usable(just_before) && !created.key.is_usable(at(100)));
}

async fn keys_are_listed_oldest_first(state: &dyn State) {
    assert_eq!(state.list_keys().await.unwrap(), []);
    let late = state.create_key(new_key(KeyKind::Ingest, "late"), at(20)).await.unwrap().key;
    let early = state.create_key(expiring(90, new_key(KeyKind::Admin, "early")), at(10)).await.unwrap().key;
    assert!(early.id < late.id, "ids sort by the time of creation");
    assert_eq!(state.list_keys().await.unwrap(), [early, late]);
}

async fn a_name_in_use_is_refused(state: &dyn State) {
    let first = state.create_key(new_key(KeyKind::Ingest, "ci"), at(0)).await.unwrap().key;
    let error = state.create_key(new_key(KeyKind::Ingest, "ci"), at(1)).await.unwrap_err();
    assert!(matches!(&error, Error::NameTaken { id, .. } if *id == first.id), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "a usable ingest key named \"ci\" exists already ({}): choose another name, or revoke that key first",
            first.id
        )
    );
    state.create_key(new_key(KeyKind::Viewer, "ci"), at(1)).await.unwrap();
    state.create_key(in_organization("acme", new_key(KeyKind::Ingest, "ci")), at(1)).await.unwrap();
    let again = in_organization("acme", new_key(KeyKind::Ingest, "ci"));
    assert!(matches!(state.create_key(again, at(1)).await, Err(Error::NameTaken { .. })));
    assert_eq!(state.list_keys().await.unwrap().len(), 3);
    assert_eq!(state.audit(10).await.unwrap().len(), 3);
}

async fn a_name_is_free_again_after_revocation_or_expiry(state: &dyn State) {
    let first = state.create_key(new_key(KeyKind::Ingest, "ci"), at(0)).await.unwrap().key;
    state.revoke_key(&first.id, at(1)).await.unwrap();
    state.create_key(expiring(10, new_key(KeyKind::Ingest, "ci")), at(2)).await.unwrap();
    assert!(state.create_key(new_key(KeyKind::Ingest, "ci"), at(9)).await.is_err());
    state.create_key(new_key(KeyKind::Ingest, "ci"), at(10)).await.unwrap();
}

async fn unfit_descriptions_are_refused(state: &dyn State) {
    let longest = "é".repeat(MAX_NAME_CHARS);
    let refusals = [
        (new_key(KeyKind::Admin, "  "), "the key's name is empty"),
        (new_key(KeyKind::Admin, "two\nlines"), "the key's name contains control characters"),
        (new_key(KeyKind::Admin, &format!("{longest}é")), "the key's name is longer than 100 characters"),
        (
            in_organization("a\0b", new_key(KeyKind::Admin, "bi")),
            "the key's organization contains control characters",
        ),
        (expiring(5, new_key(KeyKind::Admin, "bi")), "the key's expiry lies in the past"),
    ];
    for (new, message) in refusals {
        assert_eq!(state.create_key(new, at(5)).await.unwrap_err().to_string(), message);
    }
    assert_eq!(state.list_keys().await.unwrap(), []);
    let no_organization =
        NewKey { organization: Some(OrganizationId::new("")), ..new_key(KeyKind::Admin, &longest) };
    assert_eq!(state.create_key(no_organization, at(5)).await.unwrap().key.organization, None);
}

async fn presence_tells_never_from_lapsed(state: &dyn State) {
    let kinds = [KeyKind::Viewer, KeyKind::Ingest];
    let presence = async |second| state.key_presence(&kinds, at(second)).await.unwrap();
    assert_eq!(presence(0).await, KeyPresence::Never);
    state.create_key(new_key(KeyKind::Admin, "bi"), at(0)).await.unwrap();
    assert_eq!(presence(0).await, KeyPresence::Never, "an admin key is of neither kind");

    let viewer = state.create_key(new_key(KeyKind::Viewer, "wall"), at(0)).await.unwrap().key;
    assert_eq!(presence(1).await, KeyPresence::Usable);
    state.revoke_key(&viewer.id, at(2)).await.unwrap();
    assert_eq!(presence(2).await, KeyPresence::Lapsed);
    state.create_key(expiring(10, new_key(KeyKind::Ingest, "ci")), at(3)).await.unwrap();
    assert_eq!(presence(9).await, KeyPresence::Usable);
    assert!(state.any_key(&kinds, at(9)).await.unwrap());
    assert_eq!(presence(10).await, KeyPresence::Lapsed);
    assert!(!state.any_key(&kinds, at(10)).await.unwrap());
    assert_eq!(state.key_presence(&[], at(9)).await.unwrap(), KeyPresence::Never);
}

async fn uses_are_written_once_a_minute(state: &dyn State) {
    let id = state.create_key(new_key(KeyKind::Ingest, "ci"), at(0)).await.unwrap().key.id;
    let other = state.create_key(new_key(KeyKind::Ingest, "laptop"), at(0)).await.unwrap().key.id;
    assert_eq!(last_used(state, &id).await, None);
    state.touch_key(&id, at(10)).await.unwrap();
    assert_eq!(last_used(state, &id).await, Some(at(10)));
    state.touch_key(&id, at(69)).await.unwrap();
    assert_eq!(last_used(state, &id).await, Some(at(10)));
    // The first use of another key takes the waiting one with it.
    state.touch_key(&other, at(69)).await.unwrap();
    assert_eq!((last_used(state, &id).await, last_used(state, &other).await), (Some(at(69)), Some(at(69))));
    state.touch_key(&id, at(129)).await.unwrap();
    assert_eq!(last_used(state, &id).await, Some(at(129)));
    state.touch_key(&KeyId::new("key_none"), at(129)).await.unwrap();
    assert_eq!(state.list_keys().await.unwrap().len(), 2);
}

async fn every_event_is_audited_once(state: &dyn State) {
    let created =
        state.create_key(in_organization("acme", new_key(KeyKind::Ingest, "ci")), at(0)).await.unwrap();
    let id = created.key.id;
    for second in [10, 80, 150] {
        state.touch_key(&id, at(second)).await.unwrap();
    }
    state.revoke_key(&id, at(200)).await.unwrap();

    let events = state.audit(10).await.unwrap();
    let seen: Vec<_> = events.iter().map(|event| (event.action, event.at)).collect();
    assert_eq!(
        seen,
        [(KeyAction::Revoked, at(200)), (KeyAction::FirstUsed, at(10)), (KeyAction::Created, at(0))]
    );
    for event in &events {
        assert_eq!((&event.key_id, event.kind, event.name.as_str()), (&id, KeyKind::Ingest, "ci"));
        assert_eq!(event.organization, Some(OrganizationId::new("acme")));
    }
    assert_eq!(state.audit(1).await.unwrap(), events[..1]);
    assert_eq!(state.audit(0).await.unwrap(), []);
}

async fn an_expiry_is_audited_once_when_it_is_met(state: &dyn State) {
    let created = state.create_key(expiring(100, new_key(KeyKind::Admin, "trial")), at(0)).await.unwrap();
    state.authenticate(created.secret.expose(), at(99)).await.unwrap();
    assert_eq!(state.audit(10).await.unwrap().len(), 1);
    for second in [150, 160, 170] {
        let outcome = state.authenticate(created.secret.expose(), at(second)).await.unwrap();
        assert!(matches!(outcome, Authentication::Expired(_)));
    }
    let events = state.audit(10).await.unwrap();
    let seen: Vec<_> = events.iter().map(|event| (event.action, event.at)).collect();
    assert_eq!(seen, [(KeyAction::Expired, at(100)), (KeyAction::Created, at(0))]);
}

async fn a_created_key_does_not_print_its_secret(state: &dyn State) {
    let created = state.create_key(new_key(KeyKind::Ingest, "ci"), at(0)).await.unwrap();
    let printed = format!("{created:?} {state:?}", state = state.audit(10).await.unwrap());
    let random = created.secret.expose().strip_prefix("pw-ingest-").unwrap();
    assert!(printed.contains("PlainKey(***)"));
    assert!(!printed.contains(random), "{printed}");
}
