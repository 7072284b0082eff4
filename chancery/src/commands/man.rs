//! `man`: manual pages, one per command.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::{cli::Cli, failure::Failure, files, output::Output};

/// Write the manual pages into a directory
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery man /usr/local/share/man/man1")]
pub(crate) struct Args {
    /// Directory, which must exist
    directory: PathBuf,
}

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    if !args.directory.is_dir() {
        return Err(Failure::output("the directory does not exist").in_file(&args.directory));
    }
    let mut command = Cli::command();
    command.build();
    let mut written = Vec::new();
    write_pages(&command, "chancery", &args.directory, &mut written)?;
    output.show(&written, |written| {
        format!("{} manual pages written", written.len())
    })
}

fn write_pages(
    command: &clap::Command,
    name: &str,
    directory: &Path,
    written: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    let mut page = Vec::new();
    Man::new(command.clone())
        .title(name)
        .render(&mut page)
        .map_err(|error| Failure::internal("a manual page cannot be made").because(&error))?;
    let path = directory.join(format!("{name}.1"));
    files::write(&path, &page)?;
    written.push(path);
    for subcommand in command
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        let name = format!("{name}-{}", subcommand.get_name());
        write_pages(subcommand, &name, directory, written)?;
    }
    Ok(())
}
