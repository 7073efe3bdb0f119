// Makes a device somebody's: opens a session with what its label says, and asks it for a press.
// protocol/claim.py says all of it; the hub believes nothing but the device's own answer.

import { Link, ready } from "./bluetooth.js";
import { ascii, equal, fromHex, toHex } from "./bytes.js";
import { dumps, loads } from "./cbor.js";
import { hkdfExpand, sha256 } from "./crypto.js";
import { Carrier, ERROR, opened, pairwiseId, random } from "./session.js";
import { asked, carefully, tell, ToldError } from "./told.js";

const CLAIM = 16;
const PRESS_MS = 75_000; // the device waits a minute

const [page, connect] = ["claim", "connect"].map((id) => document.getElementById(id));

connect.addEventListener("click", () => carefully(page, "Looking for products near by …", claim));

ready(connect);

async function claim() {
  const { device, code, token } = page.dataset;
  const link = new Link();
  try {
    const info = await link.open();
    const { challenge } = await asked(`/api/me/devices/${device}/challenge`, {}, token);
    const receipt = await pressed(link, info, device, code, fromHex(challenge));
    await asked(`/api/me/devices/${device}/claim`, { code, receipt }, token);
  } finally {
    link.close();
  }
  location.assign("/mine/home?done=claimed");
}

// the device's answer to the hub's challenge, hex, after somebody pressed it
async function pressed(link, info, device, code, challenge) {
  const pairwise = await pairwiseId(device);
  if (!equal(info.slice(2, 10), pairwise))
    throw new ToldError(`That is another product, not ${device}. Connect again, and choose the one before you.`);
  const secret = await hkdfExpand(await sha256(ascii(`rapport/1 label${device} ${code}`)), ascii("rapport/1 claim"), 32);
  const suite = Math.min(Math.max(info[1] >> 4, 1), 2);
  const carrier = new Carrier(secret, 0, pairwise, 0, random, suite);
  const records = await opened(carrier, { send: (message) => link.send(message), receive: () => link.receive() });
  if (!records) throw new ToldError("It does not know this label. Read the label on the product itself again.");
  tell("Press any button on it now: it blinks while it waits.");
  await link.send(await records.seal(CLAIM, dumps([challenge])));
  const answer = await records.open(await link.receive(PRESS_MS));
  const reply = answer && loads(answer[1]);
  if (!answer || answer[0] === ERROR)
    throw new ToldError(reply ? said(reply) : "It answered with something that cannot be read. Connect again.");
  return toHex(reply);
}

const said = (reply) => `${reply.charAt(0).toUpperCase()}${reply.slice(1)}.`.replace("..", ".");
