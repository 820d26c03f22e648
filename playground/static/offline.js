// Keeps a copy of the page for when there is no network, and tells the page when another version is ready. The page hears
// `mote-update` and says `mote-use-update`, both events of the window.
export async function keep() {
  // Absent over plain http from another machine, and in some private windows; the page works without it.
  if (!("serviceWorker" in navigator)) return;
  const workers = navigator.serviceWorker;
  try {
    // The first copy is no update, and takes nothing over.
    let current = workers.controller;
    workers.addEventListener("controllerchange", () => {
      if (current) location.reload();
      current = workers.controller;
    });
    // The first copy fetches every file of the page again, of which the first model is not to wait.
    if (!current) await modelReady();
    const registration = await workers.register("sw.js");
    const tell = () => {
      if (registration.waiting && workers.controller) window.dispatchEvent(new Event("mote-update"));
    };
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", tell));
    window.addEventListener("mote-use-update", () => registration.waiting?.postMessage("use this version"));
    tell();
  } catch (error) {
    console.info(`no offline copy: ${error}`);
  }
}

// Waits until a model is ready, or for a while where none gets ready.
function modelReady() {
  const WHILE_MILLIS = 10_000;
  return new Promise((resolve) => {
    setTimeout(resolve, WHILE_MILLIS);
    const marks = new PerformanceObserver((list) => {
      if (list.getEntriesByName("mote: model ready").length > 0) resolve();
    });
    marks.observe({ type: "mark", buffered: true });
  });
}
