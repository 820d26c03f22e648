// Runs the plan that the server has, and gives it the figures back.
//
// A browser's clock ticks every 5 microseconds where a page is isolated, as this one is, and a small model runs for little
// longer. So runs are timed in blocks that last many ticks, and a block counts as the mean of its runs. Contestants take
// turns, a block each.
import { load, prepare } from "./runtimes.js";

// A block lasts at least this long.
const BLOCK_MILLIS = 2;

async function block({ inputs: [input], run }, runs) {
  const started = performance.now();
  for (let k = 0; k < runs; k++) {
    const output = run(input);
    // Waiting costs a turn of the event loop's queue: only where the runtime makes us.
    if (output instanceof Promise) await output;
  }
  return performance.now() - started;
}

async function measure(contestants, rounds) {
  const loaded = [];
  const failed = [];
  for (const contestant of contestants) {
    try {
      loaded.push({ contestant, ...(await load(contestant)), runs: 1, us: [] });
    } catch (error) {
      failed.push({ contestant, error: String(error) });
    }
  }
  // The first rounds find how many runs a block takes, and give the engine time to optimize.
  const WARM_UP = 15;
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const one of loaded) {
      const millis = await block(one, one.runs);
      if (round >= 0) one.us.push(1000 * millis / one.runs);
      else if (millis < BLOCK_MILLIS) one.runs = Math.ceil(one.runs * Math.min(4, 1.2 * BLOCK_MILLIS / Math.max(millis, 0.1)));
    }
  }
  const measured = [];
  for (const { contestant, inputs, run, runs, us, firstAnswer } of loaded) {
    const outputs = [];
    for (const input of inputs) outputs.push(Array.from(await run(input)));
    measured.push({ contestant, runs: runs * us.length, us, first_answer_ms: firstAnswer, outputs });
  }
  return { measured, failed };
}

async function contest() {
  const plan = await (await fetch("plan.json")).json();
  const state = document.getElementById("state");
  // Before anything else has warmed anything up.
  const first = [];
  for (const contestant of plan.first) {
    first.push({ contestant, first_answer_ms: (await load(contestant)).firstAnswer });
  }
  await prepare();
  const cases = [];
  for (const { contestants } of plan.cases) {
    state.textContent = contestants[0].model;
    cases.push(await measure(contestants, plan.rounds));
  }
  return { browser: navigator.userAgent, isolated: crossOriginIsolated, first, cases };
}

contest()
  .catch((error) => ({ error: `${error}\n${error.stack}` }))
  .then((result) => fetch("result", { method: "POST", body: JSON.stringify(result) }));
