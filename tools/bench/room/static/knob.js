// A knob without an end: turned by dragging round, by the wheel, by keys, or by − and +.

import { act, throttled } from "./net.js";

const DEGREES = 15; // one detent
const KEYS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 4, PageDown: -4 };
const MOST = 40;

export function listenToKnob(panel, knob, device) {
  let turned = 0; // what the hand has turned and the device was not told yet
  let shown = 0;
  const send = throttled(() => {
    const detents = Math.max(-MOST, Math.min(MOST, turned));
    turned -= detents;
    if (detents) act({ act: "turn", device, detents });
  });
  const turn = (detents) => {
    turned += detents;
    shown += detents * DEGREES;
    knob.querySelector("path").style.transform = `rotate(${shown}deg)`;
    send(true);
  };
  for (const button of panel.querySelectorAll("[data-turn]")) {
    button.addEventListener("click", () => turn(Number(button.dataset.turn)));
  }
  knob.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    turn(KEYS[event.key]);
  });
  knob.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.deltaY) turn(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });
  listenToDrag(knob, turn);
}

export function showKnob(panel, knob, device) {
  const chosen = device.settings[device.knob];
  const name = chosen ? chosen.name : "nothing";
  knob.setAttribute("aria-label", `Knob of the ${device.title.toLowerCase()}: ${name}`);
  knob.setAttribute("aria-valuetext", chosen ? `${name} ${chosen.plain}` : "no power");
  knob.setAttribute("aria-valuemin", chosen ? chosen.low : 0);
  knob.setAttribute("aria-valuemax", chosen ? chosen.high : 0);
  knob.setAttribute("aria-valuenow", chosen ? chosen.at : 0);
  const [less, more] = panel.querySelectorAll("[data-turn]");
  less.setAttribute("aria-label", `Less ${name}`);
  more.setAttribute("aria-label", `More ${name}`);
}

function listenToDrag(knob, turn) {
  let last = null;
  let rest = 0;
  knob.addEventListener("pointerdown", (event) => {
    knob.setPointerCapture(event.pointerId);
    last = angle(knob, event);
    rest = 0;
  });
  knob.addEventListener("pointermove", (event) => {
    if (last === null) return;
    const now = angle(knob, event);
    rest += ((now - last + 540) % 360) - 180; // the short way round
    last = now;
    const detents = Math.trunc(rest / DEGREES);
    rest -= detents * DEGREES;
    if (detents) turn(detents);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    knob.addEventListener(end, () => {
      last = null;
    });
  }
}

function angle(knob, event) {
  const box = knob.getBoundingClientRect();
  const x = event.clientX - box.left - box.width / 2;
  const y = event.clientY - box.top - box.height / 2;
  return (Math.atan2(y, x) * 180) / Math.PI;
}
