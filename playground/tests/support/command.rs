//! The `mote` command, to hold the page against: this test program again, as another process.

use std::path::Path;
use std::process::Command;

use clap::Parser;
use serde_json::{Value, json};

/// The arguments of the command that this program is to be, a JSON list.
const COMMAND: &str = "MOTE_TEST_COMMAND";

/// Not a test of its own: this program as the command. A process runs one command, since a command takes Ctrl-C for itself.
#[test]
fn mote_command() {
    let Ok(arguments) = std::env::var(COMMAND) else { return };
    let arguments: Vec<String> = serde_json::from_str(&arguments).unwrap();
    let code = mote::commands::Cli::parse_from([vec!["mote".to_owned()], arguments].concat()).run();
    assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
}

/// Runs a command in a folder; what it prints as JSON.
pub(crate) fn mote(folder: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["--json"], arguments].concat();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "support::command::mote_command", "--nocapture"])
        .env(COMMAND, json!(arguments).to_string())
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "mote {arguments:?}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
    // The harness prints around it.
    let json = said.find('{').zip(said.rfind('}')).map(|(from, to)| &said[from..=to]);
    serde_json::from_str(json.unwrap_or_default()).unwrap_or_else(|error| panic!("mote {arguments:?}: {error}: {said}"))
}
