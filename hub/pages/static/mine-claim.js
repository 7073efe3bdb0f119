// Makes a device somebody's: opens a session with what its label says, and asks it for a press.
// protocol/claim.py says all of it; the hub believes nothing but the device's own answer.

import { BluetoothError, Link, whyNot } from "./bluetooth.js";
import { ascii, equal, fromHex } from "./bytes.js";
import { dumps, loads } from "./cbor.js";
import { hkdfExpand, sha256 } from "./crypto.js";
import { Carrier, ERROR, pairwiseId, SessionError } from "./session.js";

const CLAIM = 16;
const PRESS_MS = 75_000; // the device waits a minute

class ClaimError extends Error {}

const page = document.getElementById("claim");
const [connect, status, trouble] = ["connect", "status", "trouble"].map((id) => document.getElementById(id));

connect.addEventListener("click", async () => {
  if (page.getAttribute("aria-busy") === "true") return;
  page.setAttribute("aria-busy", "true");
  trouble.hidden = true;
  try {
    await claim(page.dataset);
    location.assign("/mine/home?done=claimed");
  } catch (error) {
    const foreseen = [BluetoothError, ClaimError, SessionError].some((one) => error instanceof one);
    complain(foreseen ? error.message : `Something went wrong (${error.message}). Connect again.`);
    if (!foreseen) console.error(error);
  }
  page.setAttribute("aria-busy", "false");
});

whyNot().then((sentence) => {
  if (!sentence) return;
  complain(sentence);
  connect.disabled = true;
});

async function claim({ device, code }) {
  tell("Looking for products near by …");
  const link = new Link();
  try {
    const info = await link.open();
    const { challenge } = await asked(`/api/me/devices/${device}/challenge`, {});
    const receipt = await pressed(link, info, device, code, fromHex(challenge));
    await asked(`/api/me/devices/${device}/claim`, { code, receipt });
  } finally {
    link.close();
  }
}

// the device's answer to the hub's challenge, hex, after somebody pressed it
async function pressed(link, info, device, code, challenge) {
  const pairwise = await pairwiseId(device);
  if (!equal(info.slice(2, 10), pairwise))
    throw new ClaimError(`That is another product, not ${device}. Connect again, and choose the one before you.`);
  const secret = await hkdfExpand(await sha256(ascii(`rapport/1 label${device} ${code}`)), ascii("rapport/1 claim"), 32);
  const random = (count) => crypto.getRandomValues(new Uint8Array(count));
  const suite = Math.min(Math.max(info[1] >> 4, 1), 2);
  const carrier = new Carrier(secret, 0, pairwise, 0, random, suite);
  await link.send(await carrier.hello());
  const answer = await carrier.answer(await link.receive());
  if (!answer) throw new ClaimError("It does not know this label. Read the label on the product itself again.");
  await link.send(answer);
  tell("Press any button on it now: it blinks while it waits.");
  await link.send(await carrier.records.seal(CLAIM, dumps([challenge])));
  const opened = await carrier.records.open(await link.receive(PRESS_MS));
  const reply = opened && loads(opened[1]);
  if (!opened || opened[0] === ERROR) throw new ClaimError(reply ? said(reply) : "It answered with something that cannot be read. Connect again.");
  return [...reply].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function asked(path, body) {
  const headers = { "content-type": "application/json", accept: "application/json", "x-form-token": page.dataset.token };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  if (!answer) throw new ClaimError("The hub does not answer. Look whether you are on its network.");
  const reply = await answer.json();
  if (!answer.ok) throw new ClaimError(reply.error);
  return reply;
}

const said = (reply) => `${reply.charAt(0).toUpperCase()}${reply.slice(1)}.`.replace("..", ".");

function tell(sentence) {
  status.textContent = sentence;
}

function complain(sentence) {
  tell("");
  trouble.hidden = false;
  trouble.querySelector("span").textContent = sentence;
}
