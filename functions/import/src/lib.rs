//! Reads links from the files of other shorteners.

pub mod file;
