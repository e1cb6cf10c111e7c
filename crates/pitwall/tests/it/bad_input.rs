//! Input that is wrong, far too large, or that nobody can read, a disk without room, and a clock that is set: each is
//! told, nothing else is lost, and the server stays up.

mod bad_files;
mod clock;
mod connections;
mod full_disk;
mod requests;
mod transcripts;
