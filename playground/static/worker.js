// The worker in which guests run. Messages are handled one after the other, in the order in which they came.
import init, { start_worker, handle_message } from "./mote_playground.js";

let last = init({ module_or_path: new URL("mote_playground_bg.wasm", import.meta.url) }).then(start_worker);

self.onmessage = ({ data }) => {
  last = last.then(() => handle_message(data));
  // An error thrown from a timer ends in the page's `error` event of this worker; a rejected promise would not.
  last.catch((error) => setTimeout(() => { throw error; }));
};
