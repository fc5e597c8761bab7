//! The environment: a variable without a value is not set, as in a file of settings whose lines wait to be filled in.

use std::ffi::{OsStr, OsString};

use clap::Command;

/// The value of a variable; none where it has none.
pub fn variable(name: impl AsRef<OsStr>) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Has a command and those below it overlook variables without a value.
pub fn overlook_empty(command: Command) -> Command {
    let command = command.mut_args(|argument| match argument.get_env() {
        Some(name) if variable(name).is_none() => argument.env(None::<&'static str>),
        Some(_) | None => argument,
    });
    command.mut_subcommands(overlook_empty)
}
