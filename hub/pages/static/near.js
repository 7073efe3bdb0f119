// The page that speaks with a device near by: connect with a tap, read, change, undo, leave.

import { Link, ready } from "./bluetooth.js";
import { meet, MeetingError, RefusedError } from "./meeting.js";
import { draw, drawLine } from "./near-view.js";
import { asked, carefully, tell } from "./told.js";

const page = document.getElementById("near");
const [connect, pasted, known, mode] = ["connect", "key", "known", "mode"].map((id) => document.getElementById(id));

let meeting = null;
let words = null; // what the hub knows of products: names, bounds, sources

connect.addEventListener("click", () => carefully(page, "Looking for devices near by …", begin));
document.getElementById("undo").addEventListener("click", () => carefully(page, "Undoing …", undo));
document.getElementById("leave").addEventListener("click", () => carefully(page, "Saying goodbye …", leave));
mode.addEventListener("change", (event) => carefully(page, "Telling the device …", () => change(Number(event.target.value))));
known.addEventListener("submit", (event) => {
  event.preventDefault();
  carefully(page, "Telling the device …", () => say(event.target));
});
known.addEventListener("click", (event) => {
  const rule = event.target.closest("[data-rule]");
  if (rule) carefully(page, "Telling the device …", () => decide(rule));
});

ready(connect);

async function begin() {
  const credential = await ownKey();
  words ??= await asked("/near/words");
  const link = new Link();
  link.onGone = ended;
  const info = await link.open();
  try {
    meeting = await meet(link, info, credential);
    await show();
  } catch (error) {
    link.close();
    throw error;
  }
  tell(`Connected with ${meeting.device}. Both have shown who they are; nobody else can read this.`);
}

async function show() {
  draw(known, await meeting.about(), words);
  known.hidden = false;
  connect.hidden = true;
  document.getElementById("known-title").focus();
}

async function say(form) {
  const setting = words.products[known.dataset.product].settings[form.dataset.index];
  const index = Number(form.dataset.index);
  drawLine(form, await meeting.say(index, code(setting, form.elements.value.value)), setting, words);
  tell(`Done: ${form.querySelector(".why").textContent}`);
}

async function decide(button) {
  const form = button.closest("form");
  const index = Number(form.dataset.index);
  const setting = words.products[known.dataset.product].settings[index];
  drawLine(form, await meeting.rule(index, Number(button.dataset.rule)), setting, words);
  tell(`Done: ${form.querySelector(".why").textContent}`);
}

async function undo() {
  await meeting.undo();
  await show();
  tell("Undone, as if it had never happened.");
}

async function change(kind) {
  try {
    await meeting.mode(kind);
  } finally {
    if (meeting) await show();
  }
  tell(words.modes[kind].text);
}

async function leave() {
  await meeting.leave();
  ended();
  tell("You left. The device goes on as before.");
}

function ended() {
  meeting = null;
  known.hidden = true;
  connect.hidden = false;
  connect.focus();
}

// what the hub gives this person's own phone, or what was pasted
async function ownKey() {
  const text = pasted.value.trim();
  if (!text && page.dataset.key) return asked(page.dataset.key);
  if (!text) throw new MeetingError("Paste your key first: the hub gave it to you as a file or a code.");
  try {
    const found = JSON.parse(text);
    if (typeof found.devices === "object" && found.devices) return found;
  } catch {
    // said below
  }
  throw new MeetingError("That is no key: it begins with { and ends with }, and all of it is needed.");
}

// a value as it stands in a field, as the device has it
function code(setting, text) {
  if (setting.kind === "colour") return parseInt(text.slice(1), 16);
  if (setting.kind === "time") return text.split(":").reduce((hours, minutes) => hours * 60 + Number(minutes), 0);
  const number = text === "" ? NaN : Number(text);
  if (!Number.isSafeInteger(number)) throw new RefusedError(`${setting.title}: a whole number is wanted.`);
  return number;
}
