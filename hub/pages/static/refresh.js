// Fetches a page and swaps the parts of this one that differ, and nothing else.
// What a person is doing stays: the focus, what is open, what was typed and not sent, a press.

import { released } from "./press.js";

const STOPS = "a, button, input, select, summary, textarea";

const written = new Map(); // id of a part -> the HTML it was served as
for (const part of document.querySelectorAll("[data-live]")) written.set(part.id, part.outerHTML);

let asked = 0;

// false when the hub did not answer with a page, or a newer call overtook this one
export async function refresh(address) {
  const turn = ++asked;
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.status === 404) location.reload(); // forgotten meanwhile: that page says so
  if (!answer?.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  await released();
  if (turn !== asked) return false;
  for (const fresh of page.querySelectorAll("[data-live]")) swap(fresh);
  const { about, version } = page.querySelector("main")?.dataset ?? {};
  if (about) Object.assign(document.querySelector("main").dataset, { about, version });
  return true;
}

function swap(fresh) {
  const old = document.getElementById(fresh.id);
  const html = fresh.outerHTML;
  if (!old || written.get(fresh.id) === html || old.querySelector(".problem")) return;
  written.set(fresh.id, html);
  if (old.matches("[role=status]")) {
    old.textContent = fresh.textContent; // the same element, so that it is read out
    return;
  }
  const focus = focusIn(old);
  const unsent = unsentIn(old);
  const open = [...old.querySelectorAll("details[open]")].map((one) => one.id);
  old.replaceWith(fresh);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const again of unsent) again(fresh);
  focus?.(fresh);
}

// puts the focus where it was: the same stop within the nearest part that has an id
function focusIn(old) {
  const active = document.activeElement;
  if (!old.contains(active)) return null;
  const near = active.closest("[id]");
  const at = [...near.querySelectorAll(STOPS)].indexOf(active);
  const range = active.selectionStart == null ? null : [active.selectionStart, active.selectionEnd];
  return () => {
    const place = document.getElementById(near.id);
    const stop = at < 0 ? place : place?.querySelectorAll(STOPS)[at];
    stop?.focus({ preventScroll: true });
    if (range && stop?.setSelectionRange) stop.setSelectionRange(...range);
  };
}

// every field of a form that somebody began to fill in, also the hidden ones: what a wish is based
// on is what was seen when it was typed
function unsentIn(old) {
  const forms = [...old.querySelectorAll("form")].filter((form) => [...form].some(isTouched));
  return forms.map((form) => {
    const values = [...form.elements].map((field) => [field.name, field.value]);
    const named = [...form.querySelectorAll("[id]")][0]?.id;
    return (fresh) => {
      const again = named && fresh.querySelector(`#${CSS.escape(named)}`)?.form;
      if (!again) return;
      for (const [name, value] of values) {
        const field = again.elements.namedItem(name);
        if (field && name !== "form_token" && field.tagName !== "BUTTON") field.value = value;
      }
    };
  });
}

function isTouched(field) {
  if (field.tagName === "SELECT") return [...field].some((o) => o.selected !== o.defaultSelected);
  const isText = field.tagName === "INPUT" || field.tagName === "TEXTAREA";
  return isText && field.type !== "hidden" && field.value !== field.defaultValue;
}
