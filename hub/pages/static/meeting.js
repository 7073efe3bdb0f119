// What a person and a device say to each other once both have shown who they are.
//
//     const meeting = await meet(link, await link.open(), credential);
//     const { product, lines, visits, mode } = await meeting.about();
//     await meeting.say(0, 40);

import { equal, fromHex } from "./bytes.js";
import { dumps, loads } from "./cbor.js";
import { ABOUT, Carrier, epoch, ERROR, LEAVE, MODE, opened, pairwiseId, random, RULE, SAY, UNDO } from "./session.js";
import { ToldError } from "./told.js";

const VERSION = 1;
const PRESS_MS = 45_000; // somebody may have to walk to the device and press

export class MeetingError extends ToldError {}
export class RefusedError extends ToldError {} // the device understood and declined: its own words

// credential: what the hub gives a person's own phone; info: what the device says of itself
export async function meet(link, info, credential) {
  const [version, suites] = info;
  if (version !== VERSION) throw new MeetingError("This device speaks another version than this page.");
  const device = info.slice(2, 10);
  const [name, share] = await known(credential, device);
  const suite = Math.max(suites >> 4, 1);
  if (suite > 2) throw new MeetingError("This device wants a way to talk that this page does not know.");
  const ticket = fromHex(share.ticket);
  const carrier = new Carrier(ticket, share.epoch, device, epoch(Date.now()), random, suite);
  const records = await opened(carrier, { send: (message) => link.send(message), receive: () => heard(link) });
  if (!records) throw new MeetingError("The device could not show that it knows you. It may be another that only looks like it.");
  return new Meeting(name, link, records);
}

class Meeting {
  constructor(device, link, records) {
    Object.assign(this, { device, link, records });
  }

  async about() {
    const [product, lines, visits, mode = 2] = await this.#ask(ABOUT);
    return { product, visits, mode, lines: lines.map(line) };
  }

  say = async (index, code) => line(await this.#ask(SAY, [index, code]));

  rule = async (index, kind) => line(await this.#ask(RULE, [index, kind]));

  undo = async () => (await this.#ask(UNDO)).map(line);

  mode = (mode) => this.#ask(MODE, [mode]);

  async leave() {
    if (this.link.up) await this.link.send(await this.records.seal(LEAVE, new Uint8Array()));
    this.link.close();
  }

  async #ask(kind, value) {
    await this.link.send(await this.records.seal(kind, value === undefined ? new Uint8Array() : dumps(value)));
    const opened = await this.records.open(await this.link.receive(PRESS_MS));
    if (!opened) {
      this.link.close();
      throw new MeetingError("The device answered with something that cannot be read. Connect again.");
    }
    const reply = loads(opened[1]);
    if (opened[0] === ERROR) throw new RefusedError(reply);
    return reply;
  }
}

// who is not known gets no answer: the device ends the talk
async function heard(link) {
  try {
    return await link.receive();
  } catch (error) {
    if (link.up) throw error;
    throw new MeetingError("The device does not take this key: it is too old, or was taken back. Get a new one from the hub. After several failures it waits half a minute.");
  }
}

async function known(credential, device) {
  for (const [name, share] of Object.entries(credential.devices))
    if (equal(await pairwiseId(name), device)) return [name, share];
  throw new MeetingError("This device does not know you. Ask whoever looks after it to link it with you.");
}

const line = ([name, code, source, why]) => ({ name, code, source, why });
