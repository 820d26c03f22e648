//! A real Chromium, driven through ChromeDriver.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::TempDir;

/// Long enough for a machine that is busy with other work; nothing is measured by it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A browser with a fresh profile.
pub(crate) struct Browser {
    client: Client,
    // The driver ends with its value, the browser with its session.
    _driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts one and opens an address.
    pub(crate) async fn open(url: &str) -> Self {
        Self::open_with(url, &[]).await
    }

    /// The same, with further arguments of the browser.
    pub(crate) async fn open_with(url: &str, arguments: &[&str]) -> Self {
        let program =
            |variable, default: &str| std::env::var_os(variable).map_or_else(|| default.into(), PathBuf::from);
        let chromedriver = program("MOTE_CHROMEDRIVER", "/usr/bin/chromedriver");
        let mut driver = Command::new(&chromedriver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", chromedriver.display()));
        let address = format!("http://127.0.0.1:{}", port(&mut driver).await);
        let profile = TempDir::new();
        let mut capabilities = json!({
            "goog:chromeOptions": {
                "binary": program("MOTE_CHROMIUM", "/usr/bin/chromium"),
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                    "--window-size=1280,1400",
                    format!("--user-data-dir={}", profile.path().display()),
                ],
            },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let further = arguments.iter().map(|&argument| argument.into());
        let all = capabilities["goog:chromeOptions"]["args"].as_array_mut().expect("written as a list above");
        all.extend(further);
        let Value::Object(capabilities) = capabilities else { unreachable!("written as an object above") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&address).await.expect("a browser session");
        let timeouts = TimeoutConfiguration::new(Some(Duration::from_secs(600)), Some(PATIENCE), None);
        client.update_timeouts(timeouts).await.unwrap();
        let browser = Self { client, _driver: driver, _profile: profile };
        // The browser's own first page has loaded things too.
        browser.client.goto("about:blank").await.unwrap();
        browser.log("performance").await;
        browser.client.goto(url).await.unwrap();
        browser
    }

    /// The WebDriver session itself.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The element of a CSS selector, once it is there.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// An element's text as it is shown; what is not there has none.
    pub(crate) async fn text(&self, css: &str) -> String {
        let text = self.run("return document.querySelector(arguments[0])?.innerText ?? ''", vec![json!(css)]).await;
        text.as_str().expect("a text").into()
    }

    /// Waits until an element's text contains some.
    pub(crate) async fn wait_for_text(&self, css: &str, part: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.text(css).await.contains(part) {
            let late = tokio::time::Instant::now() >= deadline;
            assert!(!late, "{css} never said {part:?}; the page says:\n{}", self.text("body").await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Goes to a view by its link.
    pub(crate) async fn view(&self, name: &str) {
        self.click(&format!("#view-{name}")).await;
        self.find(&format!("#view-{name}[aria-current=page]")).await;
    }

    /// Clicks, through the page: file and radio inputs lie under their labels, where a pointer does not reach them.
    pub(crate) async fn click(&self, css: &str) {
        self.find(css).await;
        self.run("document.querySelector(arguments[0]).click()", vec![json!(css)]).await;
    }

    /// Moves a slider, as a user does.
    pub(crate) async fn slide(&self, css: &str, value: usize) {
        let script = "const slider = document.querySelector(arguments[0]);
            slider.value = arguments[1];
            slider.dispatchEvent(new Event('input', { bubbles: true }));";
        self.run(script, vec![json!(css), json!(value)]).await;
    }

    /// Chooses a file in a file input, by its canonical path: ChromeDriver takes no other.
    pub(crate) async fn choose(&self, css: &str, file: &Path) {
        let file = file.canonicalize().unwrap();
        self.find(css).await.send_keys(&file.display().to_string()).await.unwrap();
    }

    /// How many elements there are.
    pub(crate) async fn count(&self, css: &str) -> u64 {
        let count = self.run("return document.querySelectorAll(arguments[0]).length", vec![json!(css)]).await;
        count.as_u64().expect("a number")
    }

    /// Runs a script.
    pub(crate) async fn run(&self, script: &str, args: Vec<Value>) -> Value {
        self.client.execute(script, args).await.unwrap()
    }

    /// Lets downloads go to a folder.
    pub(crate) async fn download_to(&self, folder: &Path) {
        let to = json!({ "behavior": "allow", "downloadPath": folder.canonicalize().unwrap() });
        self.devtools("Browser.setDownloadBehavior", to).await;
    }

    /// A command of the browser's developer tools.
    pub(crate) async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        self.client.issue_cmd(DevTools(command, parameters)).await.unwrap()
    }

    /// The messages of a log since it was last asked for.
    async fn log(&self, kind: &'static str) -> Vec<String> {
        let entries = self.client.issue_cmd(GetLog(kind)).await.unwrap();
        let message = |entry: &Value| entry["message"].as_str().expect("a log entry has a message").to_string();
        entries.as_array().expect("a log is a list").iter().map(message).collect()
    }

    /// Ends the test: no error and no refused request was logged, and every request went to one origin.
    pub(crate) async fn close_clean(self, origin: &str) {
        let console = self.log("browser").await;
        assert!(console.is_empty(), "the console says: {console:#?}");
        let mut requests = 0;
        for entry in self.log("performance").await {
            let entry: Value = serde_json::from_str(&entry).unwrap();
            if entry["message"]["method"] == "Network.requestWillBeSent" {
                let url = entry["message"]["params"]["request"]["url"].as_str().unwrap();
                assert!(url.starts_with(origin), "a request to {url}");
                requests += 1;
            }
        }
        assert!(requests > 0, "the log of requests works");
        self.close().await;
    }

    /// Ends the browser.
    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
    }
}

/// The port that ChromeDriver chose, which it prints.
async fn port(driver: &mut Child) -> u16 {
    let mut lines = BufReader::new(driver.stdout.take().expect("its output is piped")).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            let port = port.trim_end_matches('.').parse().expect("a port");
            // It goes on to print; a closed pipe would end it.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return port;
        }
    }
    panic!("ChromeDriver ended before it said its port");
}

/// ChromeDriver's own way to the developer tools.
#[derive(Debug)]
struct DevTools(&'static str, Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let Self(command, parameters) = self;
        (http::Method::POST, Some(json!({ "cmd": command, "params": parameters }).to_string()))
    }
}

/// ChromeDriver's own command for its logs.
#[derive(Debug)]
struct GetLog(&'static str);

impl WebDriverCompatibleCommand for GetLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": self.0 }).to_string()))
    }
}
