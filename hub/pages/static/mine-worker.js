// Keeps the look of a customer's pages, so that they open at once, and says so when the hub cannot
// be reached. Pages themselves are never kept: nothing that is known of anybody is in this cache.

const LOOK = "mine-look-1";
const OFFLINE = "/static/mine-offline.html";
const KEPT = [OFFLINE, ...["look.css", "desk.css", "mine.css", "mark.svg"].map((name) => `/static/${name}`)];

addEventListener("install", (event) => event.waitUntil(caches.open(LOOK).then((look) => look.addAll(KEPT))));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  if (mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match(OFFLINE)));
  else if (isLook(new URL(url))) event.respondWith(fetch(event.request).catch(() => kept(event.request)));
});

const isLook = ({ origin, pathname }) => origin === location.origin && KEPT.includes(pathname);

const kept = async (request) => (await caches.match(request)) ?? Response.error();

async function tidy() {
  for (const name of await caches.keys()) if (name !== LOOK) await caches.delete(name);
}
