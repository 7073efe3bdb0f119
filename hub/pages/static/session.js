// The person's end of a session with a device, suites 1 and 2: protocol/session.py says all of it.
//
//     const carrier = new Carrier(ticket, first, device, epoch, random, suite);
//     const records = await opened(carrier, { send, receive });
//     await send(await records.seal(ABOUT, new Uint8Array()));

import { ascii, bigEndian, equal, joined, number } from "./bytes.js";
import { ccmOpen, ccmSeal, cmac, hkdfExpand, hkdfExtract, hmac, sha256, x25519 } from "./crypto.js";
import { ToldError } from "./told.js";

export const [ABOUT, SAY, LEAVE, RULE, UNDO, MODE, ERROR] = [1, 2, 3, 4, 5, 6, 63];

const EPOCH_START_S = 1704067200; // 2024-01-01
const MOST_EPOCHS = 400;
const MOST_RECORDS = 0xffff;
const RECORD = 0x40;
const [CARRIER, DEVICE] = [0, 1]; // directions
const M2_BYTES = 33;
const SHOWN_BYTES = 32; // more in suite 2

export class SessionError extends ToldError {}

export const random = (count) => crypto.getRandomValues(new Uint8Array(count));

// days since 2024-01-01
export const epoch = (timeMs) => Math.max(0, Math.floor((timeMs / 1000 - EPOCH_START_S) / 86400));

// the 8 bytes by which a device shows itself to those who know it
export const pairwiseId = async (device) => (await sha256(ascii("rapport/1 device"), ascii(device))).slice(0, 8);

export async function chainKey(ticket, days) {
  let key = await hkdfExpand(ticket, ascii("rapport/1 chain0"), 32);
  for (; days > 0; days--) key = await hkdfExpand(key, ascii("rapport/1 chain"), 32);
  return key;
}

export class Carrier {
  // ticket: 32 bytes, of the epoch `first`; device: its 8-byte pairwise id; random(n): n bytes
  constructor(ticket, first, device, epoch, random, suite = 1) {
    if (epoch < first || epoch > first + MOST_EPOCHS)
      throw new SessionError("The date of this phone does not fit what the hub gave it.");
    Object.assign(this, { ticket, first, device, epoch, suite, records: null });
    this.nonce = random(16);
    this.secret = suite === 2 ? random(32) : null;
  }

  async hello() {
    const hint = await cmac(await hkdfExpand(this.ticket, ascii("rapport/1 hint"), 16), joined(ascii("1"), this.nonce));
    const start = joined(Uint8Array.of(0x10 | this.suite), bigEndian(this.epoch, 2), hint.slice(0, 8), this.nonce);
    this.pair = this.secret && (await x25519(this.secret));
    if (this.secret && !this.pair)
      throw new SessionError("The device asks for X25519, which this browser does not have.");
    return (this.m1 = this.pair ? joined(start, this.pair.shown) : start);
  }

  // M3, after which `records` is ready; null if the device does not know the key
  async answer(m2) {
    const length = M2_BYTES + (this.pair ? SHOWN_BYTES : 0);
    if (m2.length !== length || m2[0] !== (0x20 | this.suite)) return null;
    const start = m2.slice(0, -16);
    const shared = this.pair ? await this.pair.agree(start.slice(17)) : new Uint8Array();
    if (!shared) return null;
    const transcript = await sha256(ascii("rapport/1 th"), this.device, this.m1, start);
    const chain = await chainKey(this.ticket, this.epoch - this.first);
    const prk = await hkdfExtract(joined(this.nonce, start.slice(1, 17)), joined(chain, shared));
    const keys = await hkdfExpand(prk, joined(ascii("rapport/1 key"), transcript), 77);
    const tag = async (who) => (await hmac(keys.slice(45), ascii(who), transcript)).slice(0, 16);
    if (!equal(m2.slice(-16), await tag("D"))) return null;
    this.records = new Records(keys.slice(0, 16), keys.slice(16, 32), keys.slice(32, 45));
    return joined(Uint8Array.of(0x30), await tag("C"));
  }
}

// the handshake; the records after it, or null if the device does not know the key
export async function opened(carrier, { send, receive }) {
  await send(await carrier.hello());
  const answer = await carrier.answer(await receive());
  if (!answer) return null;
  await send(answer);
  return carrier.records;
}

// sealed records after the handshake; each direction counts its own, none may be missing
export class Records {
  sent = 0;
  received = 0;

  constructor(sendKey, receiveKey, iv) {
    Object.assign(this, { sendKey, receiveKey, iv });
  }

  async seal(kind, plaintext) {
    if (this.sent > MOST_RECORDS) throw new SessionError("This session is too old: connect again.");
    const header = joined(Uint8Array.of(RECORD | kind), bigEndian(this.sent, 2));
    const nonce = this.#nonce(CARRIER, this.sent++);
    return joined(header, await ccmSeal(this.sendKey, nonce, header, plaintext));
  }

  // [kind, plaintext], or null: then the session is over
  async open(record) {
    if (record.length < 11 || (record[0] & 0xc0) !== RECORD || this.received > MOST_RECORDS) return null;
    if (number(record.slice(1, 3)) !== this.received) return null;
    const nonce = this.#nonce(DEVICE, this.received);
    const plaintext = await ccmOpen(this.receiveKey, nonce, record.slice(0, 3), record.slice(3));
    if (!plaintext) return null;
    this.received += 1;
    return [record[0] & 0x3f, plaintext];
  }

  #nonce(direction, count) {
    const mask = joined(Uint8Array.of(direction), new Uint8Array(8), bigEndian(count, 4));
    return this.iv.map((byte, at) => byte ^ mask[at]);
  }
}
