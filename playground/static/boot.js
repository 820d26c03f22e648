// Starts the page, and keeps a copy of it for when there is no network.
import init, { start_page } from "./mote_playground.js";

try {
  await init({ module_or_path: new URL("mote_playground_bg.wasm", import.meta.url) });
  start_page();
} catch (error) {
  const text = document.createElement("p");
  text.className = "boot";
  text.setAttribute("role", "alert");
  text.textContent = `Mote could not start: ${error}. It needs a browser with WebAssembly SIMD.`;
  document.body.append(text);
}

// Absent over plain http from another machine, and in some private windows; the page works without it.
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("sw.js").catch((error) => console.info(`no offline copy: ${error}`));
}
