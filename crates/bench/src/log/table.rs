//! The outcome as one Markdown table.

use std::io::Write;

use crate::Failure;
use crate::log::contender::Contender;
use crate::log::measure::Measured;
use crate::machine::peak_mib_of;

/// Prints medians over the rounds, a line for each number of workers and contender.
pub(crate) fn print(
    workers: &[usize],
    contenders: &[Box<dyn Contender>],
    measured: &[Measured],
) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "| workers | what | commands/s | x stock | p50 ms | p99 ms | batch | µs client | µs server | µs both | foreign % | idle % |"
    )?;
    writeln!(out, "|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for &workers in workers {
        let rate_of = |name: &str| median(measured, workers, name, |it| Some(it.commands_a_second));
        for contender in contenders {
            let name = contender.name();
            let of = |value: fn(&Measured) -> Option<f64>| median(measured, workers, name, value);
            let times = rate_of(name).zip(rate_of("stock")).map(|(rate, stock)| rate / stock);
            writeln!(
                out,
                "| {workers} | {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                shown(rate_of(name), 0),
                shown(times, 1),
                shown(of(|it| Some(it.p50_ms)), 2),
                shown(of(|it| Some(it.p99_ms)), 2),
                shown(of(|it| it.batch), 1),
                shown(of(|it| Some(it.client_us)), 1),
                shown(of(|it| Some(it.server_us)), 1),
                shown(of(|it| Some(it.client_us + it.server_us)), 1),
                shown(of(|it| Some(it.foreign_percent)), 0),
                shown(of(|it| Some(it.idle_percent)), 0),
            )?;
        }
    }
    writeln!(out, "\nPeak memory of this process: {} MiB", peak_mib_of(std::process::id())?)?;
    Ok(())
}

fn median(
    measured: &[Measured],
    workers: usize,
    contender: &str,
    value: impl Fn(&Measured) -> Option<f64>,
) -> Option<f64> {
    let of_these = measured.iter().filter(|it| it.workers == workers && it.contender == contender);
    let mut values: Vec<f64> = of_these.filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.digits$}"))
}
