//! The harness itself, for a moment, on the binaries of the tests: figures come out.

use std::{path::Path, process::Command};

use serde_json::Value;

#[test]
fn a_short_run_gives_figures_with_ratios_and_percentiles() {
    let bench = Path::new(env!("CARGO_BIN_EXE_bench"));
    let out = tempfile::tempdir().unwrap();
    let said = Command::new(bench)
        .args([
            "run",
            "--only",
            "issuing",
            "--connections",
            "1,32",
            "--load",
            "0.3",
        ])
        .arg("--binaries")
        .arg(bench.parent().unwrap())
        .arg("--out")
        .arg(out.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(
        said.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&said.stderr)
    );
    assert!(
        text.contains("| issuing-sqlite-ec-p256-closed-32 |"),
        "{text}"
    );

    let run = std::fs::read(out.path().join("figures.json")).unwrap();
    let run: Value = serde_json::from_slice(&run).unwrap();
    let figures = run["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 3, "{run:#}");
    for figure in figures {
        assert!(figure["value"].as_f64() > Some(0.0), "{figure:#}");
        assert!(figure["floor"]["value"].as_f64() > Some(0.0), "{figure:#}");
        assert!(figure["latency"]["p99"].as_f64() > Some(0.0), "{figure:#}");
        assert!(figure["cost"]["cpu_us"].as_f64() > Some(0.0), "{figure:#}");
    }
    for file in ["figures.csv", "ratios.svg", "latencies.svg"] {
        assert!(
            out.path().join(file).metadata().unwrap().len() > 100,
            "{file}"
        );
    }
}

#[test]
fn programs_that_are_missing_are_named_with_what_to_do() {
    let said = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["run", "--binaries", "/nowhere", "--out", "/nowhere"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(1), "{text}");
    assert!(text.contains("ca-daemon is not in /nowhere"), "{text}");
    assert!(text.contains("make bench"), "{text}");
}
