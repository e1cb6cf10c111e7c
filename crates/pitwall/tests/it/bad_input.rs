//! Input that is wrong, far too large, or that nobody can read, and a disk without room: each is told, nothing else
//! is lost, and the server stays up.

mod bad_files;
mod connections;
mod full_disk;
mod requests;
mod transcripts;
