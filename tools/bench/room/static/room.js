// The room's page: takes each view of the room and lets every part show its own.

import { showDevices } from "./devices.js";
import { act, follow } from "./net.js";
import { showPlan } from "./plan.js";
import { showHints, showPeople, showTicker } from "./side.js";
import { write } from "./dom.js";

const hub = document.getElementById("hub-cable");
const desk = document.getElementById("desk");

for (const button of document.querySelectorAll("[data-pass]")) {
  button.addEventListener("click", () => act({ act: "pass", what: button.dataset.pass }));
}
hub.addEventListener("click", () => {
  act({ act: "hub", on: hub.getAttribute("aria-checked") !== "true" });
});

follow((view) => {
  write(document.getElementById("clock"), view.clock);
  document.body.classList.toggle("night", view.night);
  for (const button of document.querySelectorAll("[data-pass]")) button.disabled = view.busy;
  hub.setAttribute("aria-checked", String(view.hub));
  desk.classList.toggle("off", !view.hub);
  showPlan(view);
  showDevices(view);
  showPeople(view);
  showTicker(view);
  showHints(view);
  document.body.dataset.ready = "yes";
});
