// Cryptographic primitives over the browser's own: byte for byte those of protocol/crypto.py.
//
// The browser has HMAC, AES-CBC and AES-CTR; CMAC (RFC 4493) and CCM (RFC 3610) are made of these.

import { bigEndian, equal, fromHex, joined } from "./bytes.js";

const subtle = globalThis.crypto?.subtle; // only over https or on this computer itself
const ZERO_BLOCK = new Uint8Array(16);
const PKCS8 = fromHex("302e020100300506032b656e04220420"); // what RFC 8410 puts before a secret

export async function sha256(...parts) {
  return new Uint8Array(await subtle.digest("SHA-256", joined(...parts)));
}

export async function hmac(key, ...parts) {
  const how = { name: "HMAC", hash: "SHA-256" };
  const made = await subtle.importKey("raw", key, how, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", made, joined(...parts)));
}

export const hkdfExtract = (salt, secret) => hmac(salt.length ? salt : new Uint8Array(32), secret);

export async function hkdfExpand(key, info, length) {
  let block = new Uint8Array();
  let out = block;
  for (let count = 1; out.length < length; count++) {
    block = await hmac(key, block, info, Uint8Array.of(count));
    out = joined(out, block);
  }
  return out.slice(0, length);
}

// AES-CBC of whole blocks; the browser adds a block of padding, which we leave out
async function cbc(key, data) {
  const made = await subtle.importKey("raw", key, "AES-CBC", false, ["encrypt"]);
  const sealed = await subtle.encrypt({ name: "AES-CBC", iv: ZERO_BLOCK }, made, data);
  return new Uint8Array(sealed, 0, data.length);
}

export const block = (key, data) => cbc(key, data);

export async function cmac(key, message) {
  const subkey = doubled(await cbc(key, ZERO_BLOCK));
  const rest = message.length % 16;
  const whole = message.length > 0 && rest === 0;
  const at = message.length - (whole ? 16 : rest);
  const last = whole ? message.slice(at) : padded(joined(message.slice(at), Uint8Array.of(0x80)));
  const mixed = xor(last, whole ? subkey : doubled(subkey));
  return (await cbc(key, joined(message.slice(0, at), mixed))).slice(-16);
}

// ciphertext followed by its tag of 8 bytes; a nonce of 7 to 13 bytes
export async function ccmSeal(key, nonce, header, plaintext) {
  const tag = await ccmMac(key, nonce, header, plaintext);
  const mixed = await counted(key, nonce, joined(tag, plaintext));
  return joined(mixed.slice(16), mixed.slice(0, 8));
}

// the plaintext, or null if the tag is not right
export async function ccmOpen(key, nonce, header, sealed) {
  if (sealed.length < 8) return null;
  const ciphertext = sealed.slice(0, -8);
  const plaintext = (await counted(key, nonce, joined(ZERO_BLOCK, ciphertext))).slice(16);
  const tag = await ccmMac(key, nonce, header, plaintext);
  const hidden = await counted(key, nonce, tag);
  return equal(hidden.slice(0, 8), sealed.slice(-8)) ? plaintext : null;
}

// {shown, agree(other)}; null where this browser has no X25519
export async function x25519(secret) {
  try {
    const key = await subtle.importKey("pkcs8", joined(PKCS8, secret), "X25519", true, ["deriveBits"]);
    const { x } = await subtle.exportKey("jwk", key);
    return { shown: fromBase64(x), agree: (other) => agreed(key, other) };
  } catch (error) {
    if (error.name === "NotSupportedError") return null;
    throw error;
  }
}

// the shared 32 bytes, or null for a number that was made to give zero
async function agreed(key, other) {
  const theirs = await subtle.importKey("raw", other, "X25519", false, []);
  try {
    const shared = await subtle.deriveBits({ name: "X25519", public: theirs }, key, 256);
    const bytes = new Uint8Array(shared);
    return bytes.some((byte) => byte) ? bytes : null;
  } catch (error) {
    if (error.name === "OperationError") return null;
    throw error;
  }
}

async function ccmMac(key, nonce, header, plaintext) {
  const size = 15 - nonce.length;
  const flags = (header.length ? 0x40 : 0) | (3 << 3) | (size - 1);
  const first = joined(Uint8Array.of(flags), nonce, bigEndian(plaintext.length, size));
  const told = header.length ? padded(joined(bigEndian(header.length, 2), header)) : header;
  return (await cbc(key, joined(first, told, padded(plaintext)))).slice(-16);
}

// block 0 hides the tag, the others the text
async function counted(key, nonce, data) {
  const size = 15 - nonce.length;
  const counter = joined(Uint8Array.of(size - 1), nonce, new Uint8Array(size));
  const made = await subtle.importKey("raw", key, "AES-CTR", false, ["encrypt"]);
  const how = { name: "AES-CTR", counter, length: 8 * size };
  return new Uint8Array(await subtle.encrypt(how, made, data));
}

const padded = (data) => joined(data, new Uint8Array((16 - (data.length % 16)) % 16));

const xor = (a, b) => a.map((byte, at) => byte ^ b[at]);

function doubled(bytes) {
  const out = bytes.map((byte, at) => (byte << 1) | ((bytes[at + 1] ?? 0) >> 7));
  if (bytes[0] & 0x80) out[15] ^= 0x87;
  return out;
}

const fromBase64 = (url) =>
  Uint8Array.from(atob(url.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
