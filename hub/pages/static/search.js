// Results while one types: the lists under the field are fetched and swapped.

import { refresh } from "./refresh.js";

const QUIET_MS = 120;

export function search(field) {
  const main = document.querySelector("main");
  let timer;

  const look = () => {
    const wanted = field.value.trim();
    const address = wanted ? `/?${new URLSearchParams({ q: wanted })}` : "/";
    history.replaceState(null, "", address);
    main.dataset.url = address;
    refresh(`/?${new URLSearchParams({ q: wanted, part: "found" })}`);
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, QUIET_MS);
  });
  document.addEventListener("keydown", (event) => step(event, field));
  if (field.value !== field.defaultValue) look(); // typed before this script was there
}

// arrow keys walk from the field through what was found, and back
function step(event, field) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [field, ...document.querySelectorAll("#found a")];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
