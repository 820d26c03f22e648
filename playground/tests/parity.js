// Runs in the page. Starts the page's own worker, posts what the page posts, and compares outputs byte for byte.
// Arguments: the kernels, the model {name, model, inputs: [url], outputs: [url], runs}, and WebDriver's callback.
const [kernels, model, done] = arguments;

const worker = new Worker("runner.js", { type: "module" });
const replies = [];
let wake = () => {};
worker.onmessage = ({ data }) => {
  const [reply] = Object.values(JSON.parse(data.json));
  replies.push({ ...reply, buffers: data.buffers });
  wake();
};
worker.onerror = (event) => {
  replies.push({ failure: event.message });
  wake();
};

async function ask(request, buffers) {
  worker.postMessage({ json: JSON.stringify(request), buffers }, buffers);
  while (replies.length === 0) await new Promise((resolve) => { wake = resolve; });
  const reply = replies.shift();
  if (reply.failure) throw new Error(JSON.stringify(reply.failure));
  return reply;
}

const get = async (url) => (await fetch(url)).arrayBuffer();
const row = (all, k) => all.slice(k * all.byteLength / model.runs, (k + 1) * all.byteLength / model.runs);

async function compare() {
  const { build, description } = await ask({ load: { job: 0, kernels } }, [await get(model.model)]);
  const inputs = await Promise.all(model.inputs.map(get));
  const outputs = await Promise.all(model.outputs.map(get));
  if (description.outputs.length !== outputs.length) throw new Error(`${description.outputs.length} outputs`);
  let [values, mismatches] = [0, 0];
  for (let run = 0; run < model.runs; run++) {
    const { buffers } = await ask({ run: { job: run + 1 } }, inputs.map((all) => row(all, run)));
    for (const [k, expected] of outputs.entries()) {
      const [left, right] = [new Uint8Array(buffers[k]), new Uint8Array(row(expected, run))];
      if (left.length !== right.length) throw new Error(`output ${k}: ${left.length} bytes, not ${right.length}`);
      const size = left.length / description.outputs[k].shape.reduce((a, b) => a * b, 1);
      values += left.length / size;
      for (let at = 0; at < left.length; at += size) {
        if (left.subarray(at, at + size).some((byte, b) => byte !== right[at + b])) mismatches++;
      }
    }
  }
  return { build, values, mismatches };
}

compare().catch((error) => ({ error: String(error) })).then((result) => {
  worker.terminate();
  done(result);
});
