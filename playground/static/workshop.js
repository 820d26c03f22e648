// The worker that makes, judges and writes models.
import init, { handle_message } from "./mote_workshop.js";
import { serve } from "./serve.js";

serve(init({ module_or_path: new URL("mote_workshop_bg.wasm", import.meta.url) }), handle_message);
