//! `mote serve` as a browser meets it.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use common::command::Mote;
use mote::server::POLICY;

/// A server on a free port; ended when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(mote: &Mote) -> Self {
        let mut command = mote.command(&["serve", "--listen", "127.0.0.1:0", "--page", "page"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim_end().split_once("http://").unwrap_or_else(|| panic!("no address in {line}"));
        Self { child, address: address.to_owned() }
    }

    /// The answer to a request: its status line and headers, and its body.
    fn ask(&self, method: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: mote\r\nConnection: close\r\n{headers}\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        (String::from_utf8(answer).unwrap(), body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn page() -> Mote {
    let mote = Mote::new();
    mote.file("page/index.html", "<!doctype html>");
    mote.file("page/mote_runtime.wasm", b"\0asm");
    mote.file("secret.txt", "not of the page");
    mote
}

#[test]
fn the_page_is_served_with_its_types_and_policy() {
    let mote = page();
    let server = Server::start(&mote);
    for (path, status, mime, body) in [
        ("/", "200", "text/html; charset=utf-8", &b"<!doctype html>"[..]),
        ("/index.html?v=1", "200", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/mote_runtime.wasm", "200", "application/wasm", b"\0asm"),
        ("/missing", "404", "text/plain; charset=utf-8", b"not found\n"),
        ("/../secret.txt", "404", "text/plain; charset=utf-8", b"not found\n"),
        ("/%2e%2e/secret.txt", "404", "text/plain; charset=utf-8", b"not found\n"),
    ] {
        let (head, found) = server.ask("GET", path, "");
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {head}");
        assert!(head.contains(&format!("content-type: {mime}")), "{path}: {head}");
        assert!(head.contains(&format!("content-security-policy: {POLICY}")), "{path}: {head}");
        assert!(head.contains("x-content-type-options: nosniff"), "{path}: {head}");
        assert_eq!(found, body, "{path}");
    }
}

#[test]
fn what_a_browser_has_is_not_sent_again() {
    let mote = page();
    let server = Server::start(&mote);
    let (head, _) = server.ask("GET", "/", "");
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let (head, body) = server.ask("GET", "/", &format!("If-None-Match: {etag}\r\n"));
    assert!(head.starts_with("HTTP/1.1 304") && body.is_empty(), "{head}");
    let (head, _) = server.ask("GET", "/", "If-None-Match: \"other\"\r\n");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
}

#[test]
fn only_reading_is_allowed() {
    let mote = page();
    let server = Server::start(&mote);
    let (head, body) = server.ask("HEAD", "/", "");
    assert!(head.starts_with("HTTP/1.1 200") && body.is_empty(), "{head}");
    let (head, _) = server.ask("POST", "/", "Content-Length: 0\r\n");
    assert!(head.starts_with("HTTP/1.1 405") && head.contains("allow: GET, HEAD"), "{head}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_success() {
    let mote = page();
    let mut server = Server::start(&mote);
    let pid = rustix::process::Pid::from_child(&server.child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn a_taken_port_and_a_missing_page_are_failures_with_a_remedy() {
    let mote = page();
    let server = Server::start(&mote);
    let taken = mote.fails(1, &["serve", "--listen", &server.address, "--page", "page"]);
    assert!(taken.contains(&server.address) && taken.contains("--listen"), "{taken}");
    let missing = mote.fails(1, &["serve", "--page", "nowhere"]);
    assert!(missing.contains("nowhere") && missing.contains("cargo xtask page"), "{missing}");
}
