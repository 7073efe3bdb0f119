// A press is a down and an up: where the part under it is swapped between the two, no click comes.
// `await released()` before a swap: at once when nothing is pressed, else after its click.

const CLICK_MS = 100; // so long after a finger was lifted its click may still come

const held = new Set(); // ids of pointers, and the key, that are down
const waiting = [];
let timer;

export function released() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (!held.size && !timer) clicked();
  });
}

function hold(event, what) {
  if (event.target.closest?.("select")) return; // its list takes the up
  clearTimeout(timer);
  timer = undefined;
  held.add(what);
}

function release(what) {
  if (held.delete(what) && !held.size) timer = setTimeout(clicked, CLICK_MS);
}

function clicked() {
  timer = undefined;
  for (const go of waiting.splice(0)) go();
}

const isSpace = (event) => event.key === " "; // the one key that presses when it comes up

addEventListener("pointerdown", (event) => hold(event, event.pointerId), true);
addEventListener("pointerup", (event) => release(event.pointerId), true);
addEventListener("pointercancel", (event) => release(event.pointerId), true);
addEventListener("pointermove", (event) => event.buttons || release(event.pointerId), true);
addEventListener("keydown", (event) => isSpace(event) && hold(event, " "), true);
addEventListener("keyup", (event) => isSpace(event) && release(" "), true);
addEventListener("blur", () => [...held].forEach(release)); // the up goes to another window
