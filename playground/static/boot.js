// Starts the page, and keeps a copy of it for when there is no network.
import init from "./mote_page.js";
import { keep } from "./offline.js";

try {
  await init({ module_or_path: new URL("mote_page_bg.wasm", import.meta.url) });
} catch (error) {
  const text = document.createElement("p");
  text.className = "boot";
  text.setAttribute("role", "alert");
  text.textContent = `Mote could not start: ${error}. It needs a browser with WebAssembly SIMD.`;
  document.body.append(text);
}

keep();
