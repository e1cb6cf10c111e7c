-- Format 1: server secrets, API keys and their audit log.
-- Instants are microseconds since the Unix epoch.

-- "PTWL": tells a Pitwall state file from any other SQLite database.
pragma application_id = 1347704652;

create table if not exists secrets (
    name   text not null primary key,
    secret blob not null check (length(secret) = 32)
) strict;

create table if not exists keys (
    id           text    not null primary key,
    kind         text    not null,
    name         text    not null,
    organization text,
    created_at   integer not null,
    expires_at   integer,
    revoked_at   integer,
    last_used_at integer,
    hint         text    not null,
    -- HMAC-SHA-256 of the key's text, keyed with the server secret `key-hash`.
    hash         blob    not null check (length(hash) = 32)
) strict;

create unique index if not exists keys_by_hash on keys (hash);

create table if not exists key_events (
    number       integer not null primary key autoincrement,
    at           integer not null,
    action       text    not null,
    key_id       text    not null references keys (id),
    -- As they were then, so that the log can be read by itself.
    kind         text    not null,
    name         text    not null,
    organization text
) strict;

create trigger if not exists key_events_are_never_changed before update on key_events
begin
    select raise(abort, 'the audit log is append-only');
end;

create trigger if not exists key_events_are_never_deleted before delete on key_events
begin
    select raise(abort, 'the audit log is append-only');
end;

pragma user_version = 1;
