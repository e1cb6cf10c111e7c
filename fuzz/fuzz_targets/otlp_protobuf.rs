//! Exports in protobuf of any bytes. The first byte chooses the signal.

#![no_main]

mod export;
mod kept;

use libfuzzer_sys::fuzz_target;
use sources::otlp::Encoding;

fuzz_target!(|data: &[u8]| export::check(data, Encoding::Protobuf));
