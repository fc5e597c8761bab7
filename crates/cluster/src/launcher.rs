//! Starting a program of PostgreSQL's so that it ends when we end, however we end.
//!
//! The kernel can signal a child when its parent dies (`PR_SET_PDEATHSIG`), but a program may set that only for itself,
//! and only after it has changed its user. `setpriv` of util-linux does so and then becomes the program. A shell stands
//! between for one comparison: a parent that died before the signal was set would never be noticed otherwise.
//!
//! Where `setpriv` is missing or too old (before 2.33, or BusyBox's), PostgreSQL survives a `kill -9` of its owner until
//! the next start, which finds and stops it (`leftovers`); nothing is lost, it only lingers.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Command, Stdio};

use crate::account::Accounts;

/// `setpriv` by its full paths first; the search path of the environment is only the last resort.
const SETPRIV: [&str; 3] = ["/usr/bin/setpriv", "/bin/setpriv", "setpriv"];

/// Becomes the program named by the arguments if the parent is still the process named by `$0`.
const WHILE_PARENT_LIVES: &str = r#"[ "$PPID" = "$0" ] && exec "$@""#;

/// How programs are started on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Launcher {
    setpriv: Option<&'static str>,
    accounts: Accounts,
}

impl Launcher {
    /// Finds out whether `setpriv` is there and can do it.
    pub(crate) fn new(accounts: Accounts) -> Self {
        let works = |program: &str| {
            let tried = Command::new(program)
                .args(["--pdeathsig", "INT", "--", "true"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            tried.is_ok_and(|status| status.success())
        };
        let setpriv = SETPRIV.into_iter().find(|program| works(program));
        if setpriv.is_none() {
            tracing::warn!(
                "setpriv of util-linux is not there: killed hard, this server leaves PostgreSQL running until the next start"
            );
        }
        Self { setpriv, accounts }
    }

    /// A command that runs `program` as PostgreSQL's user, away from our terminal and environment; the child's process
    /// id is the program's. It gets SIGINT (to `postgres`: roll back and shut down) when the *thread* that spawns it ends.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = match self.setpriv {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "INT", "--", "/bin/sh", "-c", WHILE_PARENT_LIVES]);
                command.arg(process::id().to_string()).arg(program);
                command
            }
            None => Command::new(program),
        };
        if self.accounts.differ() {
            // Drops our supplementary groups too.
            command.uid(self.accounts.postgres.uid).gid(self.accounts.postgres.gid);
        }
        // Its own process group, or Ctrl-C in a terminal would stop the database before the server has finished.
        command.process_group(0).current_dir("/").stdin(Stdio::null());
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        command
    }
}
