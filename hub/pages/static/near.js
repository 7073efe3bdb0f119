// The page that speaks with a device near by: connect with a tap, read, change, undo, leave.

import { BluetoothError, Link, whyNot } from "./bluetooth.js";
import { meet, MeetingError, RefusedError } from "./meeting.js";
import { SessionError } from "./session.js";
import { draw, drawLine } from "./near-view.js";

const page = document.getElementById("near");
const [connect, status, trouble, pasted, known, mode] = ["connect", "status", "trouble", "key", "known", "mode"].map(
  (id) => document.getElementById(id),
);

let meeting = null;
let words = null; // what the hub knows of products: names, bounds, sources

connect.addEventListener("click", () => carefully("Looking for devices near by …", begin));
document.getElementById("undo").addEventListener("click", () => carefully("Undoing …", undo));
document.getElementById("leave").addEventListener("click", () => carefully("Saying goodbye …", leave));
mode.addEventListener("change", (event) => carefully("Telling the device …", () => change(Number(event.target.value))));
known.addEventListener("submit", (event) => {
  event.preventDefault();
  carefully("Telling the device …", () => say(event.target));
});
known.addEventListener("click", (event) => {
  const rule = event.target.closest("[data-rule]");
  if (rule) carefully("Telling the device …", () => decide(rule));
});

whyNot().then((sentence) => {
  if (!sentence) return;
  complain(sentence);
  connect.disabled = true;
});

async function begin() {
  const credential = await ownKey();
  words ??= await fetched("/near/words");
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
  if (!text && page.dataset.key) return fetched(page.dataset.key);
  if (!text) throw new MeetingError("Paste your key first: the hub gave it to you as a file or a code.");
  try {
    const found = JSON.parse(text);
    if (typeof found.devices === "object" && found.devices) return found;
  } catch {
    // said below
  }
  throw new MeetingError("That is no key: it begins with { and ends with }, and all of it is needed.");
}

async function fetched(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" } }).catch(() => null);
  if (!answer) throw new MeetingError("The hub does not answer. Look whether you are on its network.");
  const body = await answer.json();
  if (!answer.ok) throw new MeetingError(body.error);
  return body;
}

// a value as it stands in a field, as the device has it
function code(setting, text) {
  if (setting.kind === "colour") return parseInt(text.slice(1), 16);
  if (setting.kind === "time") return text.split(":").reduce((hours, minutes) => hours * 60 + Number(minutes), 0);
  const number = text === "" ? NaN : Number(text);
  if (!Number.isSafeInteger(number)) throw new RefusedError(`${setting.title}: a whole number is wanted.`);
  return number;
}

async function carefully(what, act) {
  if (page.getAttribute("aria-busy") === "true") return;
  page.setAttribute("aria-busy", "true");
  trouble.hidden = true;
  tell(what);
  try {
    await act();
  } catch (error) {
    const foreseen = [BluetoothError, MeetingError, RefusedError, SessionError].some((one) => error instanceof one);
    complain(foreseen ? error.message : `Something went wrong (${error.message}). Connect again.`);
    if (!foreseen) console.error(error);
  }
  page.setAttribute("aria-busy", "false");
}

function tell(sentence) {
  status.textContent = sentence;
}

function complain(sentence) {
  tell("");
  trouble.hidden = false;
  trouble.querySelector("span").textContent = sentence;
}
