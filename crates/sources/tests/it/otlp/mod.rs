//! OTLP from the wire to records.

mod captures;
mod damaged;
mod emitted;
mod fixtures;
mod grpc;
mod http;
mod meaning;
mod slow_disk;
mod transport;
