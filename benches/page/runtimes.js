// Each runtime behind one function: a model's bytes in, { run, outputs } out. `run` goes from the input's typed array to a
// typed array of the output, as a page would have it.
import { loadAndCompile, loadLiteRt, Tensor } from "./npm/@litertjs/core/dist/index.js";
import * as ort from "./npm/onnxruntime-web/dist/ort.wasm.min.mjs";

const ARRAYS = { int8: Int8Array, uint8: Uint8Array, float32: Float32Array };

// The page's own guest, called as the page calls it: plain functions over its memory.
async function mote(bytes, { guest }) {
  const { instance } = await WebAssembly.instantiateStreaming(fetch(guest), {});
  const { exports } = instance;
  const place = exports.mote_alloc(bytes.length);
  new Uint8Array(exports.memory.buffer, place, bytes.length).set(bytes);
  const session = exports.mote_load(place, bytes.length, 0);
  const text = (length) => {
    const at = exports.mote_text();
    return JSON.parse(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, length)));
  };
  if (session === 0) throw new Error(JSON.stringify(text(exports.mote_last_error())));
  exports.mote_free(place, bytes.length);
  const { outputs: [output] } = text(exports.mote_describe(session));
  const [from, to] = [exports.mote_input(session, 0), exports.mote_output(session, 0)];
  return (input) => {
    new Int8Array(exports.memory.buffer, from, input.length).set(input);
    if (exports.mote_run(session) !== 0) throw new Error(JSON.stringify(text(exports.mote_last_error())));
    return new Int8Array(exports.memory.buffer, to, output.bytes).slice();
  };
}

// One thread, on the fastest build that this browser takes (relaxed SIMD where it has it): what `loadLiteRt` chooses itself.
async function litert(bytes, { shape }) {
  const model = await loadAndCompile(bytes, { accelerator: "wasm", cpuOptions: { numThreads: 1 } });
  return async (input) => {
    const tensor = new Tensor(input, shape);
    const [result] = await model.run(tensor);
    const output = result.toTypedArray();
    tensor.delete();
    result.delete();
    return output;
  };
}

async function onnxruntime(bytes, { dtype, shape }) {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
  });
  const [name] = session.inputNames;
  return async (input) => {
    const results = await session.run({ [name]: new ort.Tensor(dtype, input, shape) });
    return results[session.outputNames[0]].data;
  };
}

const RUNTIMES = { mote, litert, onnxruntime };

// To be awaited before any model of the peers is loaded.
export async function prepare() {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("npm/onnxruntime-web/dist/", import.meta.url).href;
  await loadLiteRt(new URL("npm/@litertjs/core/wasm/", import.meta.url).href);
}

const get = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());

// A contestant of the plan, loaded: its inputs as typed arrays, and what runs one of them.
export async function load(contestant) {
  const bytes = await get(contestant.model);
  const all = await get(contestant.inputs);
  const size = all.length / contestant.rows;
  const row = (k) => new ARRAYS[contestant.dtype](all.slice(k * size, (k + 1) * size).buffer);
  const inputs = Array.from({ length: contestant.rows }, (_, k) => row(k));
  const started = performance.now();
  const run = await RUNTIMES[contestant.runtime](bytes, contestant);
  const output = await run(inputs[0]);
  return { inputs, run, firstAnswer: performance.now() - started, output };
}
