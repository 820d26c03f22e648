//! Debian's packages, as root or through a sudo that asks no password.

use anyhow::{Context, Result, bail};

use super::installing;
use crate::shell::{Run, find_program};

/// Installs packages for `what`.
pub(super) fn install(what: &str, packages: &[&str]) -> Result<()> {
    let by_hand = format!("sudo apt-get install {}", packages.join(" "));
    let Some(prefix) = privileges() else {
        bail!(
            "{what}: not found, and it cannot be installed from here; install it by hand: `{by_hand}`, or your system's packages for the same"
        );
    };
    installing(what, &by_hand);
    let apt_get = |args: &[&str]| {
        let words = prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]).chain(args);
        let mut words = words.copied();
        let program = words.next().unwrap_or("env");
        Run::new(program).args(words)
    };
    let installed = apt_get(&["update"]).run().and_then(|()| {
        let options = ["install", "--yes", "--no-install-recommends"];
        apt_get(&options.iter().chain(packages).copied().collect::<Vec<_>>()).run()
    });
    installed.with_context(|| format!("{what}: apt-get could not install it; install it by hand: `{by_hand}`"))
}

/// The words before `apt-get` that give it the right to install; none when there is no apt-get or no right.
fn privileges() -> Option<&'static [&'static str]> {
    find_program(&["apt-get"])?;
    let root = Run::new("id").arg("-u").output().is_ok_and(|id| id.trim() == "0");
    if root {
        return Some(&[]);
    }
    Run::new("sudo").args(["-n", "true"]).succeeds().then_some(&["sudo", "-n"])
}
