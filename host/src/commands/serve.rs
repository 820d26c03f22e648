//! `mote serve`: the page for a browser.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use tokio::net::TcpListener;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::server::{self, site::Site};

/// Serve the playground page until Ctrl-C
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of the page, instead of the one inside this binary
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Report {
    url: String,
    files: usize,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "serving the page ({} files) on {}\nCtrl-C ends it", self.files, self.url)
    }
}

impl Serve {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        // One site for the life of the process.
        let site: &'static Site = Box::leak(Box::new(self.site()?));
        let fail = |e: io::Error| Failure::new(FailureKind::Work, self.listen, e);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(fail)?;
        runtime.block_on(async {
            let listener = TcpListener::bind(self.listen)
                .await
                .map_err(|e| fail(e).remedy("choose another address with --listen, 127.0.0.1:0 for any free port"))?;
            // Before the address is told: whoever reads it may send a signal at once.
            let stopped = stopped().map_err(fail)?;
            let url = format!("http://{}", listener.local_addr().map_err(fail)?);
            context.format.print(&Report { url, files: site.len() })?;
            server::serve(site, listener, stopped).await.map_err(fail)
        })
    }

    fn site(&self) -> Result<Site, Failure> {
        match &self.page {
            Some(folder) => Site::read(folder).map_err(|e| {
                Failure::new(FailureKind::Work, "--page", e).remedy("name the folder that `cargo xtask page` made")
            }),
            None => Site::embedded().ok_or_else(|| {
                Failure::new(FailureKind::Work, "page", "this binary was built without it")
                    .remedy("run `cargo xtask page` and name its folder with --page, or build with --features page")
            }),
        }
    }
}

/// Done at Ctrl-C, and at SIGTERM.
#[cfg(unix)]
fn stopped() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done at Ctrl-C.
#[cfg(windows)]
fn stopped() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
