// Keeps one whole build of the page, so that it works offline and never mixes two builds.
// `version.js` is written by the build: it changes whenever a file of the page does, which makes browsers install anew.
importScripts("version.js");
const { version, files } = self.MOTE_BUILD;
// Other pages of this origin, and this page under another path, have caches of their own.
const prefix = `mote ${self.registration.scope} `;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(prefix + version).then((cache) =>
    cache.addAll(files.map((file) => new Request(file, { cache: "reload" })))));
});

// The user wants this version now: all tabs of the page change over, and load again.
self.addEventListener("message", ({ data }) => {
  if (data === "use this version") self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) =>
    Promise.all(names.filter((name) => name.startsWith(prefix) && name !== prefix + version)
      .map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(caches.open(prefix + version)
    .then((cache) => cache.match(event.request, { ignoreSearch: true }))
    .then((kept) => kept ?? fetch(event.request)));
});
