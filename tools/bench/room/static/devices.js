// The devices' own panels: what they think, their knobs and buttons, and their cables.

import { chip, copy, keyed, make, write } from "./dom.js";
import { listenToKnob, showKnob } from "./knob.js";
import { act } from "./net.js";
import { sentence, waiting } from "./plan.js";

const list = document.getElementById("devices");

export function showDevices(view) {
  const panels = keyed(list, view.devices, (device) => device.id, build);
  panels.forEach((panel, at) => show(panel, view.devices[at], view.hub));
}

function build(device) {
  const panel = copy("device-panel").firstElementChild;
  panel.classList.add(device.product, device.id);
  panel.querySelector("h2").textContent = device.title;
  panel.querySelector(".controls").append(copy(`${device.product}-hands`));
  for (const button of panel.querySelectorAll("[data-press]")) {
    button.addEventListener("click", () => {
      act({ act: "press", device: device.id, button: button.dataset.press });
    });
  }
  for (const cable of panel.querySelectorAll("[data-cable]")) {
    cable.addEventListener("click", () => {
      const on = cable.getAttribute("aria-checked") !== "true";
      act({ act: cable.dataset.cable, device: device.id, on });
    });
  }
  const knob = panel.querySelector(".knob");
  if (knob) listenToKnob(panel, knob, device.id);
  return panel;
}

function show(panel, device, hub) {
  panel.classList.toggle("off", !device.power);
  write(panel.querySelector(".thought strong"), device.thought);
  write(panel.querySelector(".thought span"), sentence(device.why));
  const leaving = panel.querySelector(".leaving");
  leaving.hidden = device.leaving === null;
  if (!leaving.hidden) write(leaving, waiting(device));
  showConnection(panel.querySelector(".online"), device, hub);
  showSettings(panel.querySelector(".settings"), device);
  for (const cable of panel.querySelectorAll("[data-cable]")) {
    cable.setAttribute("aria-checked", String(device[cable.dataset.cable]));
  }
  const knob = panel.querySelector(".knob");
  if (knob) showKnob(panel, knob, device);
  const mug = panel.querySelector(".mug");
  if (mug) showMug(mug, device.cup);
}

function showConnection(element, device, hub) {
  const state = !device.power ? "no power" : device.online ? "connected" : "on its own";
  if (element.dataset.state === state + hub) return;
  element.dataset.state = state + hub;
  element.replaceChildren(...chip(device.online ? "wire" : "device", state).childNodes);
  element.title = device.online ? "The hub hears it." : "It works without the hub.";
}

function showSettings(element, device) {
  const items = keyed(element, device.settings, (one) => one.name, setting);
  items.forEach((item, at) => {
    const one = device.settings[at];
    write(item.lastElementChild, one.plain);
    item.classList.toggle("chosen", device.product === "lamp" && at === device.knob);
    const swatch = item.querySelector("i");
    swatch.hidden = !one.swatch;
    if (one.swatch) swatch.style.backgroundColor = one.swatch;
  });
}

function setting(one) {
  const item = make("li");
  item.append(make("span", "", one.name), make("i"), make("b"));
  return item;
}

function showMug(mug, cup) {
  if (mug.dataset.count === String(cup.count)) return;
  mug.dataset.count = cup.count;
  mug.setAttribute("aria-label", cup.count ? `A cup of ${cup.ml} ml` : "Empty cup");
  const coffee = mug.querySelector(".in");
  coffee.style.transition = "none";
  coffee.style.transform = "scaleY(0)";
  coffee.getBoundingClientRect(); // so that the cup fills from empty
  coffee.style.transition = "";
  coffee.style.transform = `scaleY(${cup.count ? Math.max(cup.ml / 120, 0.15) : 0})`;
}
