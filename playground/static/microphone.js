// What a microphone gives, block by block, to the page. It runs in the browser's audio thread.
registerProcessor('mote-microphone', class extends AudioWorkletProcessor {
  process([[samples]]) {
    if (samples) this.port.postMessage(samples.slice());
    return true;
  }
});
