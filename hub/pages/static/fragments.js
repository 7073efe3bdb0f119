// How a message is cut to fit a Bluetooth link, and put together again: protocol/gatt.py.

import { joined } from "./bytes.js";

export const MAX_MESSAGE = 1100; // bytes, whole

const SMALLEST_MTU = 23;
const [FIRST, LAST, INDEX] = [0x80, 0x40, 0x3f];

export class FragmentError extends Error {}

export function fragments(message, mtu) {
  if (message.length > MAX_MESSAGE) throw new FragmentError(`a message of ${message.length} bytes`);
  const room = Math.max(mtu, SMALLEST_MTU) - 4;
  const count = Math.max(1, Math.ceil(message.length / room));
  return Array.from({ length: count }, (_, index) => {
    const ends = (index === 0 ? FIRST : 0) | (index === count - 1 ? LAST : 0);
    const piece = message.slice(index * room, (index + 1) * room);
    return joined(Uint8Array.of(ends | (index & INDEX)), piece);
  });
}

export class Reassembler {
  #message = null;
  #next = 0;

  // the whole message after its last fragment, else null
  feed(fragment) {
    let message = this.#message;
    this.#message = null;
    if (!fragment.length) throw new FragmentError("an empty fragment");
    if (fragment[0] & FIRST) {
      message = new Uint8Array();
      this.#next = 0;
    }
    if (!message || (fragment[0] & INDEX) !== (this.#next & INDEX))
      throw new FragmentError("a fragment came out of order");
    message = joined(message, fragment.slice(1));
    if (message.length > MAX_MESSAGE) throw new FragmentError(`over ${MAX_MESSAGE} bytes`);
    if (fragment[0] & LAST) return message;
    this.#message = message;
    this.#next += 1;
    return null;
  }
}
