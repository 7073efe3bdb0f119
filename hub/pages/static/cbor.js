// Deterministic CBOR, the part of it that we use: the same bytes as protocol/cbor.py.
//
// Integers are numbers, beyond 2^53 BigInts; bytes are Uint8Array; maps are Map.

import { equal, joined, toHex } from "./bytes.js";

const MOST_DEPTH = 8;
const MOST_ITEMS = 512;
const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP] = [0, 1, 2, 3, 4, 5];
const SIMPLE = new Map([[0xf4, false], [0xf5, true], [0xf6, null]]);
const LENGTHS = { 24: 1, 25: 2, 26: 4, 27: 8 };

export class CborError extends Error {}

export function dumps(value, depth = MOST_DEPTH) {
  if (depth === 0) throw new CborError(`nested deeper than ${MOST_DEPTH}`);
  for (const [byte, simple] of SIMPLE) if (value === simple) return Uint8Array.of(byte);
  if (Number.isSafeInteger(value) || typeof value === "bigint") return integer(BigInt(value));
  if (value instanceof Uint8Array) return joined(head(BYTES, value.length), value);
  if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    return joined(head(TEXT, text.length), text);
  }
  if (Array.isArray(value))
    return joined(head(ARRAY, value.length), ...value.map((item) => dumps(item, depth - 1)));
  if (value instanceof Map) return map(value, depth);
  throw new CborError(`no encoding for ${value}`);
}

export function loads(data) {
  const reader = new Reader(data);
  const value = reader.value(MOST_DEPTH);
  if (reader.at !== data.length) throw new CborError("bytes after the end");
  return value;
}

function integer(value) {
  return value < 0n ? head(NEGATIVE, -1n - value) : head(UNSIGNED, value);
}

function map(value, depth) {
  const items = [...value].map(([key, item]) => [dumps(key), dumps(item, depth - 1)]);
  items.sort(([a], [b]) => (toHex(a) < toHex(b) ? -1 : 1));
  return joined(head(MAP, value.size), ...items.flat());
}

function head(major, number) {
  number = BigInt(number);
  if (number < 24n) return Uint8Array.of((major << 5) | Number(number));
  for (const [code, length] of Object.entries(LENGTHS)) {
    if (number >> BigInt(8 * length)) continue;
    const rest = Array.from({ length }, (_, at) => Number((number >> BigInt(8 * (length - 1 - at))) & 255n));
    return Uint8Array.of((major << 5) | code, ...rest);
  }
  throw new CborError(`${number} does not fit into 64 bits`);
}

class Reader {
  constructor(data) {
    this.data = data;
    this.at = 0;
  }

  value(depth) {
    if (depth === 0) throw new CborError(`nested deeper than ${MOST_DEPTH}`);
    const first = this.take(1)[0];
    if (SIMPLE.has(first)) return SIMPLE.get(first);
    const major = first >> 5;
    if (major > MAP) throw new CborError(`type ${first} is not used here`);
    const number = this.number(first & 31);
    if (major === UNSIGNED) return plain(number);
    if (major === NEGATIVE) return plain(-1n - number);
    if (number > BigInt(this.data.length)) throw new CborError("cut off");
    const count = Number(number);
    if (major === BYTES) return this.take(count);
    if (major === TEXT) return text(this.take(count));
    if (count > MOST_ITEMS) throw new CborError(`${count} items, the limit is ${MOST_ITEMS}`);
    if (major === ARRAY) return Array.from({ length: count }, () => this.value(depth - 1));
    return this.map(count, depth);
  }

  take(count) {
    if (this.at + count > this.data.length) throw new CborError("cut off");
    this.at += count;
    return this.data.slice(this.at - count, this.at);
  }

  number(code) {
    if (code < 24) return BigInt(code);
    const length = LENGTHS[code];
    if (!length) throw new CborError("bad length");
    const number = this.take(length).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const shorter = length === 1 ? 24n : 1n << BigInt(4 * length);
    if (number < shorter) throw new CborError("not the shortest form");
    return number;
  }

  map(count, depth) {
    const items = new Map();
    let before = "";
    for (let left = count; left > 0; left--) {
      const start = this.at;
      const key = this.value(depth - 1);
      if (key instanceof Map || Array.isArray(key)) throw new CborError("a key is no string or number");
      const raw = toHex(this.data.slice(start, this.at));
      if (raw <= before) throw new CborError("keys out of order");
      before = raw;
      items.set(key, this.value(depth - 1));
    }
    return items;
  }
}

function plain(number) {
  const small = Number(number);
  return Number.isSafeInteger(small) ? small : number;
}

function text(raw) {
  try {
    const found = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
    if (equal(new TextEncoder().encode(found), raw)) return found;
  } catch {
    // said below
  }
  throw new CborError("text is not UTF-8");
}
