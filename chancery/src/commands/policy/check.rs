//! `policy check`: all faults of policy files at once.

use std::path::PathBuf;

use policy::{Fault, Policy, PolicyFaults};
use serde::Serialize;

use super::file;
use crate::{failure::Failure, output::Output};

/// Check policy files, and report all that is wrong with them
///
/// Each fault has its line, the path of the key and the rule behind it. Nothing is clamped, and an
/// unknown key is a fault.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery policy check policy/*.toml")]
pub(crate) struct Args {
    /// Policy files, TOML
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Checked {
    file: PathBuf,
    good: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_sha256: Option<String>,
    profiles: Vec<String>,
    faults: Vec<FoundFault>,
}

#[derive(Serialize)]
struct FoundFault {
    line: usize,
    path: String,
    what: String,
    rule: String,
}

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let mut checked = Vec::new();
    for path in &args.files {
        checked.push(match file::parse(path)? {
            Ok(policy) => good(path.clone(), &policy),
            Err(faults) => faulty(path.clone(), &faults),
        });
    }
    let faulty = checked.iter().filter(|checked| !checked.good).count();
    output.show(&checked, |checked| {
        let lines: Vec<_> = checked.iter().map(text).collect();
        lines.join("\n")
    })?;
    if faulty > 0 {
        return Err(Failure::refused(format!(
            "{faulty} of {} policies are faulty",
            checked.len()
        )));
    }
    Ok(())
}

fn good(file: PathBuf, policy: &Policy) -> Checked {
    Checked {
        file,
        good: true,
        version: Some(policy.version().to_owned()),
        policy_sha256: Some(hex::encode(policy.digest())),
        profiles: policy
            .profiles()
            .map(|profile| profile.name().to_owned())
            .collect(),
        faults: Vec::new(),
    }
}

fn faulty(file: PathBuf, faults: &PolicyFaults) -> Checked {
    let found = |fault: &Fault| FoundFault {
        line: fault.line,
        path: fault.path.clone(),
        what: fault.what.clone(),
        rule: fault.rule.clone(),
    };
    Checked {
        file,
        good: false,
        version: None,
        policy_sha256: None,
        profiles: Vec::new(),
        faults: faults.faults().iter().map(found).collect(),
    }
}

fn text(checked: &Checked) -> String {
    let file = checked.file.display();
    if let (Some(version), Some(digest)) = (&checked.version, &checked.policy_sha256) {
        let profiles = checked.profiles.join(", ");
        return format!("{file}: good, version {version}, sha256 {digest}\n  profiles: {profiles}");
    }
    let faults: Vec<_> = checked
        .faults
        .iter()
        .map(|fault| {
            let path = if fault.path.is_empty() {
                "the file"
            } else {
                &fault.path
            };
            format!(
                "{file}:{}: {path}: {} ({})",
                fault.line, fault.what, fault.rule
            )
        })
        .collect();
    faults.join("\n")
}
