//! The page in the hands of somebody who drops files on it and takes others away.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::TempDir;
use super::browser::{Browser, PATIENCE};
use super::server::Server;

/// The page, and the folder that its downloads go to.
pub(crate) struct Page {
    pub(crate) server: Server,
    pub(crate) browser: Browser,
    downloads: TempDir,
}

impl Page {
    /// The page, once its first model is ready; none where there is no page to test.
    pub(crate) async fn open() -> Option<Self> {
        let (server, browser) = super::opened().await?;
        let downloads = TempDir::new();
        browser.download_to(downloads.path()).await;
        Some(Self { server, browser, downloads })
    }

    /// Drops files on the page, as from a folder.
    pub(crate) async fn drop(&self, files: &[&Path]) {
        let make = "const input = document.createElement('input');
            input.type = 'file'; input.multiple = true; input.id = 'from-a-folder';
            document.body.append(input);";
        self.browser.run(make, vec![]).await;
        let paths: Vec<String> = files.iter().map(|file| file.canonicalize().unwrap().display().to_string()).collect();
        self.browser.find("#from-a-folder").await.send_keys(&paths.join("\n")).await.unwrap();
        let drop = "const input = document.querySelector('#from-a-folder');
            const files = new DataTransfer();
            for (const file of input.files) files.items.add(file);
            input.remove();
            document.querySelector('main').dispatchEvent(
                new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));";
        self.browser.run(drop, vec![]).await;
    }

    /// Writes into a field, or chooses in a list, and leaves it.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let fill = "const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event('change', { bubbles: true }));";
        self.browser.find(css).await;
        self.browser.run(fill, vec![json!(css), json!(text)]).await;
    }

    /// The text of each element.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText.trim())";
        let Value::Array(texts) = self.browser.run(script, vec![json!(css)]).await else { panic!("a list") };
        texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// The one file of this extension that was downloaded; it is taken away, so that the next one can be told from it.
    pub(crate) async fn arrived(&self, extension: &str) -> Vec<u8> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let files = std::fs::read_dir(self.downloads.path()).unwrap().map(|file| file.unwrap().path());
            if let Some(file) = files.into_iter().find(|file| file.extension().is_some_and(|e| e == extension)) {
                let bytes = super::arrived(&file).await;
                std::fs::remove_file(file).unwrap();
                return bytes;
            }
            assert!(tokio::time::Instant::now() < deadline, "no .{extension} was downloaded");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends the test: see [`Browser::close_clean`].
    pub(crate) async fn close(self) {
        self.browser.close_clean(self.server.origin()).await;
    }
}
