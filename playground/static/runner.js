// The worker in which a guest runs.
import init, { handle_message } from "./mote_runner.js";
import { serve } from "./serve.js";

serve(init({ module_or_path: new URL("mote_runner_bg.wasm", import.meta.url) }), handle_message);
