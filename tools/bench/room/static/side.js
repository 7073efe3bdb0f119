// Beside the plan: what the hub knows of people, what happened, what to try.

import { chip, copy, keyed, make, write } from "./dom.js";
import { sentence, walk } from "./plan.js";

const people = document.getElementById("people");
const ticker = document.getElementById("ticker");
const hints = document.getElementById("hints");
const HOMES = { Ana: [1080, 130], Ben: [1080, 290], Stranger: [1080, 450] };
const WHERES = { air: "air", wire: "cable", hub: "hub", hand: "hand", device: "device", time: "time" };

export function showPeople(view) {
  const cards = keyed(people, view.people, (one) => one.name, (one) => build(one, view.devices));
  cards.forEach((card, at) => show(card, view.people[at], view.hub));
}

export function showTicker(view) {
  const newest = view.ticker.slice().reverse();
  const items = keyed(ticker, newest, (one) => one.id, happened);
  items.forEach((item, at) => write(item.querySelector("p"), newest[at].text));
}

export function showHints(view) {
  const items = keyed(hints, view.hints, (one) => one.text, (one) => make("li", "", one.text));
  const next = view.hints.findIndex((one) => !one.done);
  items.forEach((item, at) => {
    item.dataset.number = at + 1;
    item.classList.toggle("done", view.hints[at].done);
    item.classList.toggle("next", at === next);
    item.title = view.hints[at].done ? "Done" : "";
    if (view.hints[at].done && !item.querySelector("svg")) {
      item.prepend(chip("tick", "").firstElementChild, make("span", "unseen", "Done: "));
    }
  });
}

function build(person, devices) {
  const card = copy("person-card").firstElementChild;
  card.classList.add(person.name.toLowerCase());
  card.querySelector("h3").textContent = person.name;
  const go = card.querySelector(".go");
  go.setAttribute("aria-label", `${person.name} goes to`);
  go.append(make("span", "", "Go to"));
  for (const device of devices) {
    go.append(way(person.name, device.title, device.stand));
  }
  go.append(way(person.name, "Outside", HOMES[person.name]));
  return card;
}

function way(who, title, [x, y]) {
  const button = make("button", "small", title.split(" ")[0]);
  button.type = "button";
  button.setAttribute("aria-label", `${who} goes to: ${title}`);
  // two who go to the same place do not stand on each other
  const aside = { Ana: 0, Ben: 1, Stranger: 2 }[who] ?? 0;
  const [dx, dy] = x < 1000 ? [aside * -60, aside * 10] : [0, 0];
  button.addEventListener("click", () => walk(who, x + dx, y + dy));
  return button;
}

function show(card, person, hub) {
  const { knows } = person;
  const facts = knows ? knows.facts : [];
  card.classList.toggle("stale", !hub);
  const visits = !knows || !knows.visits ? "" : knows.visits === 1 ? "1 visit" : `${knows.visits} visits`;
  write(card.querySelector(".visits"), visits);
  write(card.querySelector(".empty"), empty(person, facts.length, hub));
  const items = keyed(card.querySelector(".facts"), facts, (one) => JSON.stringify(one), fact);
  card.querySelector(".facts").hidden = !items.length;
}

function empty(person, count, hub) {
  if (!person.known) return "Not a customer: devices hear this phone, and can never tell whose it is.";
  if (!hub) return "The hub is off. This is what it knew:";
  if (count) return "";
  return `The hub knows nothing yet. What ${person.name} chooses by hand will stand here.`;
}

function fact(one) {
  const item = make("li");
  item.append(
    make("span", "", `${one.product} ${one.setting}`),
    make("b", "", one.shown),
    because(one),
  );
  return item;
}

function because(one) {
  const [symbol, word] = one.source === "cohort" ? ["default", "usual"] : [one.source, one.source];
  // The value stands there already: of the sentence only the reason.
  const start = one.why.indexOf(", ");
  const reason = make("small", "", sentence(start < 0 ? one.why : one.why.slice(start + 2)));
  reason.prepend(chip(symbol, word), " ");
  return reason;
}

function happened(entry) {
  const item = make("li");
  item.append(chip(entry.where, WHERES[entry.where]), make("p", "", entry.text));
  item.title = new Date(entry.at_ms).toLocaleString();
  return item;
}
