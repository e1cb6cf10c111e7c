//! One file per command.

pub(crate) mod backup;
pub(crate) mod connect;
pub(crate) mod connect_statusline;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod forget;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod openapi;
pub(crate) mod prices;
pub(crate) mod rebuild;
pub(crate) mod report;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod statusline;
pub(crate) mod verify;
