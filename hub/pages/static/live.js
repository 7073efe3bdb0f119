// Listens to what changes at the hub, and looks again when this page is about it. The hub says its
// version first: what came between the page and that, or while nothing was heard, is looked at, too.

import { refresh } from "./refresh.js";

const TOGETHER_MS = 150; // changes that come together are looked at once

const main = document.querySelector("main");
const sign = document.getElementById("live");
const news = document.getElementById("news");

let source, timer;

export function listen() {
  if (!main.dataset.about) return;
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : wake()));
  wake();
}

// a hidden page holds no connection: browsers allow six to one hub
function rest() {
  source?.close();
  source = undefined;
}

function wake() {
  if (source || document.hidden) return;
  source = new EventSource(main.dataset.changes || "/api/changes");
  source.addEventListener("customer", heard);
  source.addEventListener("device", heard);
  source.addEventListener("version", (event) => event.data !== main.dataset.version && look());
  source.addEventListener("open", () => tell(true));
  source.addEventListener("error", () => tell(false));
}

function heard(event) {
  const about = main.dataset.about.split(" ");
  if (!about.includes("*") && !about.includes(event.data)) return;
  clearTimeout(timer);
  timer = setTimeout(look, TOGETHER_MS);
}

async function look() {
  const before = newest();
  await refresh(main.dataset.url || location.pathname + location.search);
  const now = newest();
  if (now && now !== before) news.textContent = now;
}

function newest() {
  return document.querySelector("[data-newest] p")?.textContent;
}

function tell(isLive) {
  sign.hidden = false;
  sign.textContent = isLive
    ? "Live: what changes at the hub shows here without reloading."
    : "Not live: the hub does not answer. Reload the page to see what changed.";
}
