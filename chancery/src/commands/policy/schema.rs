//! `policy schema`: the form of policy files, for editors.

use crate::{failure::Failure, output::Output};

pub(super) fn run(output: Output) -> Result<(), Failure> {
    output.show(&policy::schema(), |schema| format!("{schema:#}"))
}
