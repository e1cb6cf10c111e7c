-- Format 2: how far transcripts have been read, and what was rejected.

create table if not exists file_cursors (
    path          text    not null primary key,
    identity      text    not null,
    size          integer not null,
    modified_at   integer not null,
    read_offset   integer not null,
    tail_hash     integer not null,
    lines_read    integer not null,
    lines_skipped integer not null,
    last_error    text,
    context       text    not null
) strict;

create table if not exists rejections (
    source   text    not null,
    reason   text    not null,
    place    text    not null,
    count    integer not null,
    first_at integer not null,
    last_at  integer not null,
    primary key (source, reason)
) strict;

pragma user_version = 2;
