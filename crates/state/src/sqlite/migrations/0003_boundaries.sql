-- Format 3: up to which transaction the ledger held what was read of a transcript. Nothing is known of earlier
-- readings; every ledger that holds anything goes beyond 1970.

create table file_cursors_with_boundary (
    path          text    not null primary key,
    identity      text    not null,
    size          integer not null,
    modified_at   integer not null,
    read_offset   integer not null,
    tail_hash     integer not null,
    lines_read    integer not null,
    lines_skipped integer not null,
    last_error    text,
    boundary      integer not null,
    context       text    not null
) strict;

insert into file_cursors_with_boundary
select path, identity, size, modified_at, read_offset, tail_hash, lines_read, lines_skipped, last_error, 0, context
from file_cursors;

drop table file_cursors;

alter table file_cursors_with_boundary rename to file_cursors;

pragma user_version = 3;
