// The plan: people one drags, how well they are heard, lights, and what devices think.

import { draw, make, write } from "./dom.js";
import { act, throttled } from "./net.js";

const WIDTH = 1160;
const HEIGHT = 560;
const STEP = 20;
const LEAP = 100;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const WORDS = { near: "near", room: "in the room", faint: "faint", not: "not heard" };

const plan = document.getElementById("plan");
const circles = document.getElementById("circles");
const lines = document.getElementById("lines");
const tokens = new Map(); // name -> {button, circle, x, y, held, send}
const bubbles = new Map();
let view = null;

export function showPlan(now) {
  view = now;
  for (const person of now.people) place(person);
  for (const device of now.devices) show(device);
  showLines();
}

// Also for buttons elsewhere on the page: somebody goes somewhere.
export function walk(who, x, y) {
  const token = tokens.get(who);
  token.button.classList.add("walking");
  move(token, x, y);
  token.send({ act: "walk", who, x: token.x, y: token.y });
}

function place(person) {
  const token = tokens.get(person.name) ?? invite(person);
  if (!token.held && performance.now() > token.mine) move(token, person.x, person.y);
  const where = person.in_room ? heardBest(person) : "outside";
  const label = `${person.name}, ${where}. Drag, or use the arrow keys.`;
  if (token.button.getAttribute("aria-label") !== label) {
    token.button.setAttribute("aria-label", label);
  }
  token.circle.classList.toggle("away", !person.in_room);
}

function heardBest(person) {
  const near = person.heard.filter((one) => one.how === "near").map((one) => title(one.device));
  return near.length ? `near the ${near.join(" and the ").toLowerCase()}` : "in the room";
}

function title(device) {
  return view.devices.find((one) => one.id === device).title;
}

function invite(person) {
  const button = make("button", `token ${person.name.toLowerCase()}`);
  button.type = "button";
  button.append(make("b", "", person.known ? person.name : "?"));
  if (!person.known) button.append(make("span", "", person.name));
  const circle = draw("circle", { class: `reach ${person.name.toLowerCase()}`, r: view.circle });
  circles.append(circle);
  plan.append(button);
  const token = { button, circle, name: person.name, held: false, mine: 0, send: throttled(act) };
  tokens.set(person.name, token);
  listen(token);
  return token;
}

function move(token, x, y) {
  token.x = Math.min(Math.max(x, 0), WIDTH);
  token.y = Math.min(Math.max(y, 0), HEIGHT);
  put(token.button, token.x, token.y);
  token.circle.setAttribute("cx", token.x);
  token.circle.setAttribute("cy", token.y);
}

function put(element, x, y) {
  element.style.left = `${(x / WIDTH) * 100}%`;
  element.style.top = `${(y / HEIGHT) * 100}%`;
}

function listen(token) {
  const { button } = token;
  const go = (x, y) => {
    move(token, x, y);
    token.mine = performance.now() + 400; // views that are on their way are older than this
    token.send({ act: "walk", who: token.name, x: token.x, y: token.y });
    showLines();
  };
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    token.held = true;
    button.classList.remove("walking");
    button.classList.add("held");
    token.circle.classList.add("held");
  });
  button.addEventListener("pointermove", (event) => {
    if (!token.held) return;
    const box = plan.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    go(x, ((event.clientY - box.top) / box.height) * HEIGHT);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    button.addEventListener(end, () => {
      token.held = false;
      button.classList.remove("held");
      token.circle.classList.remove("held");
      showLines();
    });
  }
  button.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const cm = event.shiftKey ? LEAP : STEP;
    go(token.x + arrow[0] * cm, token.y + arrow[1] * cm);
  });
  for (const change of ["focus", "blur"]) button.addEventListener(change, () => showLines());
}

// From whoever is held or focused to every device: how loudly it hears their phone.
function showLines() {
  lines.replaceChildren();
  for (const person of view.people) {
    const token = tokens.get(person.name);
    const active = token.held || document.activeElement === token.button;
    if (!active || !person.in_room) continue;
    for (const one of person.heard) {
      const device = view.devices.find((each) => each.id === one.device);
      if (!device.power || one.how === "not") continue;
      lines.append(...line(token, device, one));
    }
  }
}

function line(token, device, one) {
  const ends = { x1: token.x, y1: token.y, x2: device.x, y2: device.y };
  const x = token.x * 0.45 + device.x * 0.55;
  const y = token.y * 0.45 + device.y * 0.55;
  const text = draw("text", { x, y: y - 8 });
  text.textContent = `${one.dbm} dBm, ${WORDS[one.how]}`.replace("-", "−");
  return [draw("line", { class: one.how, ...ends }), text];
}

function show(device) {
  const bubble = bubbles.get(device.id) ?? hang(device);
  write(bubble.thought, device.thought);
  write(bubble.why, device.leaving === null ? sentence(device.why) : waiting(device));
  bubble.element.className = `bubble ${device.id} ${device.power ? device.how || "idle" : "off"}`;
  if (device.product === "lamp") shine(device);
  else document.getElementById("coffee").setAttribute("r", device.cup.count ? 14 : 0);
}

export function waiting(device) {
  if (device.leaving === 0) return `${device.who} has left, any moment now.`;
  return `Faint… in ${device.leaving} s it is sure that ${device.who} has left.`;
}

export function sentence(why) {
  return why ? why[0].toUpperCase() + why.slice(1) : "";
}

function hang(device) {
  const element = make("div", "bubble");
  const parts = { element, thought: make("strong"), why: make("span") };
  element.append(make("em", "", device.title), parts.thought, parts.why);
  element.setAttribute("aria-hidden", "true"); // the same words stand on the device's panel
  plan.append(element);
  bubbles.set(device.id, parts);
  return parts;
}

function shine(device) {
  const { colour, level } = device.light;
  // eyes answer to light by its root: half the current looks like more than half the light
  const seen = Math.sqrt(level);
  for (const stop of document.querySelectorAll(`.glow-${device.id}`)) {
    stop.style.stopColor = colour;
  }
  document.getElementById(`light-${device.id}`).style.opacity = String(seen);
  const bulb = document.getElementById(`bulb-${device.id}`);
  bulb.style.fill = level ? colour : "";
  bulb.style.fillOpacity = String(level ? 0.35 + 0.65 * seen : 1);
}
