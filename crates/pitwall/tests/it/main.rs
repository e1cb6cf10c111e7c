//! The whole program, from outside.

mod layering;
