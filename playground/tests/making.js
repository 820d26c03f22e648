// Runs in the page. Starts the page's own worker, lets it do one task, and compares the artefact byte for byte.
// Arguments: the kernels, the task {task, buffers: [url], expected: url}, and WebDriver's callback.
const [kernels, { task, buffers, expected }, done] = arguments;

const get = async (url) => (await fetch(url)).arrayBuffer();

async function work() {
  const worker = new Worker("workshop.js", { type: "module" });
  const stages = new Set();
  try {
    const given = await Promise.all(buffers.map(get));
    const reply = await new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }) => {
        const [[name, message]] = Object.entries(JSON.parse(data.json));
        if (name === "working") stages.add(message.stage);
        else resolve({ ...message, buffers: data.buffers });
      };
      worker.postMessage({ json: JSON.stringify({ job: 1, kernels, task }), buffers: given }, given);
    });
    if (reply.failure) return { failure: reply.failure };
    const [made, wanted] = [new Uint8Array(reply.buffers[0]), new Uint8Array(await get(expected))];
    const same = made.length === wanted.length && made.every((byte, at) => byte === wanted[at]);
    return { job: reply.job, product: reply.product, bytes: made.length, same, stages: [...stages] };
  } finally {
    worker.terminate();
  }
}

work().catch((error) => ({ error: String(error) })).then(done);
