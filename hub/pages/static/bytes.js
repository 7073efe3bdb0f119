// Bytes as this page handles them: always Uint8Array.

const text = new TextEncoder();

export const ascii = (string) => text.encode(string);

export function joined(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function fromHex(string) {
  if (!/^([0-9a-f]{2})*$/i.test(string)) throw new Error(`“${string.slice(0, 20)}” is not hex`);
  return Uint8Array.from(string.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

// a number as so many bytes, the highest first
export function bigEndian(number, length) {
  const out = new Uint8Array(length);
  for (let at = length; at-- > 0; number = Math.floor(number / 256)) out[at] = number % 256;
  return out;
}

export const number = (bytes) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

// without leaving early
export function equal(a, b) {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= a[at] ^ b[at];
  return difference === 0;
}
