// Shows what a device knows: a sentence, a chip for where it came from, a field to change it.

const ICONS = "/static/icons.svg";
const part = (name) => document.getElementById(`near-${name}`).content.firstElementChild.cloneNode(true);

// about: of meeting.js; words: of /near/words
export function draw(known, about, words) {
  const product = words.products[about.product] ?? plain(about);
  known.dataset.product = about.product;
  words.products[about.product] = product;
  document.getElementById("known-title").textContent = `What the ${product.title.toLowerCase()} knows of you`;
  document.getElementById("visits").textContent = visits(about.visits);
  document.getElementById("mode").value = about.mode;
  document.getElementById("mode-text").textContent = words.modes[about.mode].text;
  const list = document.getElementById("lines");
  list.replaceChildren(
    ...about.lines.map((line, index) => {
      const setting = product.settings[index] ?? field(line.name);
      const item = part("line");
      const form = item.querySelector("form");
      form.dataset.index = index;
      form.querySelector("h3").textContent = setting.title;
      form.querySelector(".field").prepend(input(setting, `value-${index}`));
      form.querySelector("label").htmlFor = `value-${index}`;
      form.querySelector("label").textContent = label(setting);
      drawLine(form, line, setting, words);
      item.hidden = setting.retired;
      return item;
    }),
  );
}

export function drawLine(form, line, setting, words) {
  form.querySelector(".why").textContent = sentence(line.why);
  const source = words.sources[line.source];
  const chip = form.querySelector(".chip");
  chip.className = `chip ${source.tone}`;
  chip.querySelector("use").setAttribute("href", `${ICONS}#${source.icon}`);
  chip.querySelector("span").textContent = source.text;
  form.elements.value.value = shown(setting, line.code);
}

function input(setting, id) {
  const one = document.createElement(setting.options ? "select" : "input");
  Object.assign(one, { id, name: "value", required: true });
  if (setting.options) one.append(...setting.options.map((text, code) => new Option(text, code)));
  else if (setting.kind === "colour" || setting.kind === "time") one.type = setting.kind === "time" ? "time" : "color";
  else Object.assign(one, { type: "number", min: setting.low, max: setting.high, step: setting.step });
  return one;
}

function label(setting) {
  if (setting.kind !== "number") return setting.title;
  const unit = setting.unit ? ` ${setting.unit}` : "";
  return `${setting.title}, ${setting.low} to ${setting.high}${unit}`;
}

// a code as its field wants it
function shown(setting, code) {
  if (setting.kind === "colour") return `#${code.toString(16).padStart(6, "0")}`;
  if (setting.kind !== "time") return code;
  return [Math.floor(code / 60), code % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

const sentence = (why) => why.charAt(0).toUpperCase() + why.slice(1);

const visits = (count) =>
  count ? `It remembers ${count} ${count === 1 ? "visit" : "visits"} of yours, and this:` : "It remembers no visit of yours yet.";

// a product that the hub does not know: its settings can be told as numbers
const plain = (about) => ({ title: about.product, settings: about.lines.map((line) => field(line.name)) });

const field = (name) => ({ title: name.replaceAll("_", " "), kind: "number", low: 0, high: 0xffffff, step: 1, unit: "" });
