// A Bluetooth link to a device near by: whole messages over its rx and tx, errors in words.
//
// A browser does not tell how large a packet may be. What we say is short, so it is cut for the
// smallest; what the device says comes as large as the two stacks agreed on.

import { fragments, Reassembler } from "./fragments.js";
import { complain, ToldError } from "./told.js";

const uuid = (number) => `7a1e000${number}-5f3b-4a6c-9d2e-0b1c2d3e4f50`;
const [SERVICE, RX, TX, INFO] = [1, 2, 3, 4].map(uuid);
const MTU = 23;
const ANSWER_MS = 10_000;

export class BluetoothError extends ToldError {}

// lets the button be pressed if pages can use Bluetooth here, else says why not
export async function ready(button) {
  const sentence = await whyNot();
  button.disabled = Boolean(sentence);
  if (sentence) complain(sentence);
}

// null if they can, else a sentence
async function whyNot() {
  if (!isSecureContext)
    return "Bluetooth works on pages with https only. Open this page at the hub's https address.";
  if (!navigator.bluetooth)
    return "This browser has no Bluetooth for pages. Chrome and Edge have, on Android, Windows, macOS and Linux; browsers on iPhones have not.";
  if (!(await navigator.bluetooth.getAvailability()))
    return "Bluetooth is switched off here, or there is none. Switch it on, then try again.";
  return null;
}

export class Link {
  #messages = [];
  #waiting = null;
  #reassembler = new Reassembler();

  // asks the person which device it is; has to come from a tap
  async open() {
    try {
      this.device = await navigator.bluetooth.requestDevice({ filters: [{ services: [SERVICE] }] });
      this.device.addEventListener("gattserverdisconnected", () => this.#gone());
      const server = await this.device.gatt.connect();
      const service = await server.getPrimaryService(SERVICE);
      [this.rx, this.tx, this.about] = await Promise.all([RX, TX, INFO].map((one) => service.getCharacteristic(one)));
      this.tx.addEventListener("characteristicvaluechanged", (event) => this.#heard(event.target.value));
      await this.tx.startNotifications();
      return bytes(await this.about.readValue());
    } catch (error) {
      this.close();
      throw said(error);
    }
  }

  async send(message) {
    try {
      for (const fragment of fragments(message, MTU)) await this.rx.writeValueWithResponse(fragment);
    } catch (error) {
      throw said(error);
    }
  }

  async receive(timeoutMs = ANSWER_MS) {
    if (this.#messages.length) return this.#messages.shift();
    if (!this.up) throw gone();
    return new Promise((answered, failed) => {
      const timer = setTimeout(() => this.#fail(new BluetoothError("The device does not answer. Go nearer and connect again.")), timeoutMs);
      this.#waiting = { answered, failed, timer };
    });
  }

  get up() {
    return Boolean(this.device?.gatt.connected);
  }

  close() {
    if (this.up) this.device.gatt.disconnect();
  }

  #heard(value) {
    let message;
    try {
      message = this.#reassembler.feed(bytes(value));
    } catch {
      return this.close(); // a fault of the other side, never a loss to be repaired
    }
    if (!message) return;
    const waiting = this.#take();
    if (waiting) waiting.answered(message);
    else this.#messages.push(message);
  }

  #gone() {
    this.#fail(gone());
    this.onGone?.();
  }

  #fail(error) {
    this.#take()?.failed(error);
  }

  #take() {
    const waiting = this.#waiting;
    this.#waiting = null;
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();

const gone = () => new BluetoothError("The device is out of reach, or it ended the talk. Go nearer and connect again.");

const SENTENCES = {
  NotFoundError: "No device was chosen. Stand beside it, see that it has power, then connect again.",
  SecurityError: "This browser does not let the page use Bluetooth. Allow it in the settings of the page.",
  NotAllowedError: "This browser does not let the page use Bluetooth. Allow it in the settings of the page.",
  NetworkError: "The device cannot be reached: it is too far away, or speaks with others. Go nearer and connect again.",
};

function said(error) {
  if (error instanceof BluetoothError) return error;
  return new BluetoothError(SENTENCES[error.name] ?? `Bluetooth failed (${error.message}). Connect again.`);
}
