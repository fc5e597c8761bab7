//! PostgreSQL's own log: each line becomes a line of ours, and the last few are kept for error messages.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::ChildStderr;
use std::sync::{Arc, Mutex, PoisonError};

/// Lines kept for the message of a failed start.
const LINES_KEPT: usize = 20;
/// A longer line is cut into several.
const LINE_BYTES_MAX: u64 = 8 * 1024;

/// The last lines of one run.
#[derive(Debug, Clone, Default)]
pub(crate) struct DatabaseLog {
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl DatabaseLog {
    /// Follows a postmaster's standard error on a thread of its own until every process that holds it is gone.
    ///
    /// When we die first, PostgreSQL writes into a pipe without reader, which it ignores.
    pub(crate) fn follow(stderr: ChildStderr) -> Self {
        let log = Self::default();
        let writer = log.clone();
        let spawned = std::thread::Builder::new()
            .name("private-cluster-log".to_owned())
            .spawn(move || writer.read_to_end(BufReader::new(stderr)));
        if let Err(error) = spawned {
            tracing::warn!(%error, "PostgreSQL's log is not followed");
        }
        log
    }

    /// The last lines, oldest first.
    pub(crate) fn tail(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    fn read_to_end(&self, mut reader: impl BufRead) {
        let mut line = Vec::new();
        loop {
            line.clear();
            match reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => self.write(String::from_utf8_lossy(&line).trim_end()),
            }
        }
    }

    fn write(&self, line: &str) {
        match line.split_once(':').map_or("", |(level, _)| level) {
            "PANIC" => tracing::error!(target: "postgres", "{line}"),
            "FATAL" | "ERROR" | "WARNING" => tracing::warn!(target: "postgres", "{line}"),
            _ => tracing::debug!(target: "postgres", "{line}"),
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_lines_only() {
        let log = DatabaseLog::default();
        let text: String = (1..=LINES_KEPT + 5).map(|number| format!("LOG:  line {number}\n")).collect();
        log.read_to_end(text.as_bytes());
        assert!(log.tail().starts_with("LOG:  line 6\n"), "{}", log.tail());
        assert!(log.tail().ends_with(&format!("LOG:  line {}", LINES_KEPT + 5)));
    }
}
