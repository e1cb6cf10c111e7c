//! OTLP: decoding exports, whatever the transport, into neutral records and points.
