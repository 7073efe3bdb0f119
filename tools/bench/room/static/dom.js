// Small words for building and changing the page.

export function copy(template) {
  return document.getElementById(template).content.cloneNode(true);
}

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function draw(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// Only what differs is touched: selections, focus and screen readers are left in peace.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function chip(symbol, word) {
  const element = make("span", "chip");
  const icon = draw("svg", { class: "icon", "aria-hidden": "true" });
  icon.append(draw("use", { href: `#${symbol}` }));
  element.append(icon, word);
  return element;
}

export function keyed(list, wanted, key, create) {
  const there = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const kept = wanted.map((one) => {
    const name = String(key(one));
    const element = there.get(name) ?? create(one);
    element.dataset.key = name;
    there.delete(name);
    return element;
  });
  for (const gone of there.values()) gone.remove();
  kept.forEach((element, at) => {
    if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
  });
  return kept;
}
