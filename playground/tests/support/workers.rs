//! The page's workers: noted as they start, killed when a test wants it; and the memory of the page's own bundle.

use serde_json::json;

use super::browser::Browser;

/// Notes workers, and the memories of modules that the page itself instantiates, before any script of the page runs.
const NOTE: &str = "
    const instantiate = WebAssembly.instantiateStreaming;
    const memories = [];
    window.wasmBytes = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
    WebAssembly.instantiateStreaming = async (...given) => {
        const made = await instantiate.apply(WebAssembly, given);
        memories.push(made.instance.exports.memory);
        return made;
    };
    const Plain = Worker;
    const noted = [];
    window.workers = (script, all = false) => noted.filter((worker) => worker.script === script && (all || !worker.ended));
    window.Worker = class extends Plain {
        constructor(script, options) {
            super(script, options);
            this.script = String(script);
            noted.push(this);
        }
        terminate() {
            super.terminate();
            this.ended = true;
        }
    };";

/// Ends a worker as the browser does when it has no memory left for it: without a word of its own.
const KILL: &str = "const worker = window.workers(arguments[0]).at(arguments[1]);
    worker.terminate();
    worker.dispatchEvent(new ErrorEvent('error', { message: 'killed by the test' }));";

/// What the page says of a worker that was killed.
pub(crate) const KILLED: &str = "killed by the test";

/// Opens a page in a browser that notes its workers, as if it had so many cores.
pub(crate) async fn open(url: &str, cores: u32) -> Browser {
    let browser = Browser::open("about:blank").await;
    browser.devtools("Emulation.setHardwareConcurrencyOverride", json!({ "hardwareConcurrency": cores })).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": NOTE })).await;
    browser.client().goto(url).await.unwrap();
    browser
}

/// Bytes of WebAssembly memory that the page itself has; such memory never shrinks.
pub(crate) async fn page_memory(browser: &Browser) -> f64 {
    browser.run("return window.wasmBytes()", vec![]).await.as_f64().unwrap()
}

/// How many workers of a script live.
pub(crate) async fn living(browser: &Browser, script: &str) -> u64 {
    browser.run("return window.workers(arguments[0]).length", vec![json!(script)]).await.as_u64().unwrap()
}

/// How many workers of a script were started.
pub(crate) async fn started(browser: &Browser, script: &str) -> u64 {
    browser.run("return window.workers(arguments[0], true).length", vec![json!(script)]).await.as_u64().unwrap()
}

/// Kills a worker of a script: of those that live the one at this place, from the end where it is negative.
pub(crate) async fn kill(browser: &Browser, script: &str, place: i32) {
    browser.run(KILL, vec![json!(script), json!(place)]).await;
}
