//! Shows what hot paths cost: `counts` allocations and instructions, `counts --update` writes the
//! bounds. `counts --only NAME TIMES` does nothing but carry an operation out: for callgrind, or perf.
#![expect(
    clippy::print_stdout,
    reason = "a command prints what it was asked for"
)]

use std::{
    env,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};
use counts::{Bounds, Operation, operations};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words {
        [] => show(),
        ["--update"] => update(),
        ["--only", name, times] => find(name)?.run(times.parse()?),
        _ => bail!("counts [--update | --only NAME TIMES]"),
    }
}

fn find(name: &str) -> anyhow::Result<Operation> {
    let found = operations()?
        .into_iter()
        .find(|operation| operation.name == name);
    found.with_context(|| format!("no operation {name}"))
}

fn show() -> anyhow::Result<()> {
    println!(
        "{:24} {:>12} {:>14}",
        "operation", "allocations", "instructions"
    );
    for mut operation in operations()? {
        let (name, allocations) = (operation.name, operation.allocations()?);
        println!("{name:24} {allocations:>12} {:>14}", instructions(name)?);
    }
    Ok(())
}

fn update() -> anyhow::Result<()> {
    let mut bounds = Bounds::default();
    for mut operation in operations()? {
        let bound = Bounds::slightly_over(operation.allocations()?);
        bounds.allocations.insert(operation.name.to_owned(), bound);
    }
    bounds.write()
}

/// Instructions of one operation: what more of them take, so that preparing does not count.
fn instructions(name: &str) -> anyhow::Result<u64> {
    let few = under_callgrind(name, FEW)?;
    let many = under_callgrind(name, MANY)?;
    Ok(many.saturating_sub(few) / (MANY - FEW))
}

fn under_callgrind(name: &str, times: u64) -> anyhow::Result<u64> {
    let said = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["--only", name, &times.to_string()])
        .stdin(Stdio::null())
        .output()
        .context("valgrind (make test-prerequisites)")?;
    let text = String::from_utf8_lossy(&said.stderr);
    ensure!(said.status.success(), "{text}");
    let counted = text
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .context("callgrind says no count")?;
    Ok(counted.1.trim().parse()?)
}

const FEW: u64 = 2;
const MANY: u64 = 22;
