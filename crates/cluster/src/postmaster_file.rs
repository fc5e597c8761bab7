//! `postmaster.pid`: what a running PostgreSQL says about itself in its folder.

use std::fs;
use std::path::{Path, PathBuf};

/// The lines that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostmasterFile {
    /// Line 1.
    pub(crate) pid: i32,
    /// Line 8; it is missing for the first instants of a start.
    pub(crate) ready: bool,
}

impl PostmasterFile {
    /// Where it lies.
    pub(crate) fn path(files: &Path) -> PathBuf {
        files.join("postmaster.pid")
    }

    /// Reads it; none if there is none, or none that makes sense.
    pub(crate) fn read(files: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(files)).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        // A postmaster in single-user mode writes its number negative.
        let pid = lines.next()?.trim().parse::<i32>().ok()?.checked_abs()?;
        let ready = lines.nth(6).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, ready })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_ready_only_when_line_eight_says_so() {
        let starting = "4711\n/data\n1700000000\n5432\n/run/x\n\n  123 456\nstarting\n";
        let ready = "4711\n/data\n1700000000\n5432\n/run/x\n\n  123 456\nready   \n";
        assert_eq!(PostmasterFile::parse(starting), Some(PostmasterFile { pid: 4711, ready: false }));
        assert_eq!(PostmasterFile::parse(ready), Some(PostmasterFile { pid: 4711, ready: true }));
        assert_eq!(PostmasterFile::parse("4711\n"), Some(PostmasterFile { pid: 4711, ready: false }));
        assert_eq!(PostmasterFile::parse(""), None);
    }
}
