//! Another OCSP responder, with a token, a key and a registration of its own.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, ensure};
use blackbox_tests::{Ports, World};
use testkit::wait_until;

/// A running responder; killed with this value.
pub(super) struct Responder {
    child: Child,
}

impl Responder {
    /// Registers and starts `ocsp-NUMBER` for `esign-ca`, as an operator would.
    ///
    /// # Errors
    /// A file cannot be read or written, or a command fails.
    pub(super) fn start(world: &World, number: usize) -> anyhow::Result<Self> {
        let name = format!("ocsp-{number}");
        let directory = world.run().join(&name);
        set_up(world, &name, &directory)?;
        let ports = Ports::find();
        let mut config = fs::read_to_string(world.run().join("ocsp/ocsp-responder.toml"))?
            .replace(
                &world.run().join("ocsp").display().to_string(),
                &directory.display().to_string(),
            )
            .replace("ocsp-1", &name);
        for (old, new) in [
            (world.ports().ocsp, ports.ocsp),
            (world.ports().ocsp_operations, ports.ocsp_operations),
        ] {
            config = config.replace(&format!(":{old}\""), &format!(":{new}\""));
        }
        let path = directory.join("ocsp-responder.toml");
        fs::write(&path, config)?;
        let log = fs::File::create(directory.join("log"))?;
        let child = world
            .program("ocsp-responder")
            .env("SOFTHSM2_CONF", directory.join("softhsm2.conf"))
            .arg("--config")
            .arg(path)
            .arg("run")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let responder = Self { child };
        let ready = format!("http://127.0.0.1:{}/readyz", ports.ocsp_operations);
        wait_until("the responder is ready", || world.fetch(&ready).is_some());
        Ok(responder)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Its token, key, TLS certificate and registration.
fn set_up(world: &World, name: &str, directory: &Path) -> anyhow::Result<()> {
    let first = world.run().join("ocsp");
    fs::create_dir_all(directory.join("tokens"))?;
    for file in ["softhsm2.conf", "token.toml"] {
        let text = fs::read_to_string(first.join(file))?;
        let text = text.replace("/ocsp/", &format!("/{name}/"));
        fs::write(directory.join(file), text)?;
    }
    for file in ["ocsp.pin", "ocsp.so-pin", "management.pem"] {
        fs::copy(first.join(file), directory.join(file))?;
    }
    let token = fs::read_to_string(directory.join("token.toml"))?;
    let module = token.split('"').nth(1).context("no module")?;
    let officer = world.run().join("officer/officer.toml");
    for command in [
        format!(
            "ceremony init-token --module {module} --label ocsp --so-pin-file ocsp.so-pin \
             --pin-file ocsp.pin"
        ),
        format!(
            "ceremony generate-key --token token.toml --id 01 --label {name} --algorithm ec-p256 \
             --out key.pub"
        ),
        format!("key new --cn {name} --key-out {name}.key --csr-out {name}.csr"),
        format!(
            "--config {} officer register --name {name} --role responder --csr {name}.csr \
             --out {name}.pem",
            officer.display()
        ),
        format!(
            "--config {} officer register-responder --name {name} --public-key key.pub \
             --issuer esign-ca",
            officer.display()
        ),
    ] {
        let mut chancery = world.program("chancery");
        chancery.env("SOFTHSM2_CONF", directory.join("softhsm2.conf"));
        run(chancery.current_dir(directory).args(command.split(' ')))?;
    }
    Ok(())
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let said = command.output()?;
    ensure!(
        said.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&said.stderr)
    );
    Ok(())
}
