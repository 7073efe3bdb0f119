// What is wrong with a page for people who cannot see, tap or read it easily: a list of sentences.
() => {
  const wrong = [];
  const name = (one) => `${one.tagName.toLowerCase()}${one.id ? "#" + one.id : ""} “${(one.textContent || "").trim().slice(0, 30)}”`;
  const seen = (one) => one.checkVisibility() && one.getClientRects().length > 0;
  const all = (selector) => [...document.querySelectorAll(selector)];

  // structure
  const ids = all("[id]").map((one) => one.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) wrong.push(`id ${id} stands twice`);
  for (const mark of ["main", "header", "footer", "h1", "title"])
    if (all(mark).length !== 1) wrong.push(`${all(mark).length} of <${mark}>`);
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push(`${name(heading)} comes after a heading of level ${level}`);
    level = next;
  }

  // names
  for (const field of all("input:not([type=hidden]), select, textarea, progress"))
    if (!field.labels.length) wrong.push(`${name(field)} has no label`);
  for (const one of all("a, button, summary"))
    if (!one.innerText.trim() && !one.textContent.trim()) wrong.push(`${name(one)} has no words`);
  for (const image of all("img")) if (!image.hasAttribute("alt")) wrong.push("an image without alt");
  for (const drawing of all("svg"))
    if (drawing.getAttribute("aria-hidden") !== "true" && !drawing.getAttribute("aria-label"))
      wrong.push("a drawing without a name");
  for (const one of all("[aria-describedby], [aria-labelledby], [aria-controls]"))
    for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls"])
      for (const id of (one.getAttribute(attribute) || "").split(" ").filter(Boolean))
        if (!document.getElementById(id)) wrong.push(`${name(one)}: ${attribute} names no ${id}`);

  // fingers
  for (const one of all("button, summary, select, textarea, input:not([type=hidden]), .button, a.line, .top a")) {
    const box = one.getBoundingClientRect();
    if (seen(one) && (box.height < 43.5 || box.width < 43.5))
      wrong.push(`${name(one)} is ${Math.round(box.width)} by ${Math.round(box.height)} px`);
  }

  // eyes
  const rgb = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !seen(one) || one.closest("script, option, datalist")) continue;
    const style = getComputedStyle(one);
    const [ink, paper] = [light(rgb(one.closest("svg") ? style.fill : style.color)), light(behind(one))];
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) wrong.push(`${name(one)} has a contrast of ${contrast.toFixed(2)}`);
  }
  for (const field of all("input:not([type=hidden]), select, textarea, button:not(.quiet)")) {
    const paper = light(behind(field.parentElement));
    const stands = [light(rgb(getComputedStyle(field).borderTopColor)), light(behind(field))].map(
      (one) => (Math.max(one, paper) + 0.05) / (Math.min(one, paper) + 0.05),
    );
    const contrast = Math.max(...stands); // by its edge or by its face
    if (seen(field) && contrast < 3) wrong.push(`the edge of ${name(field)} has a contrast of ${contrast.toFixed(2)}`);
  }

  // room
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) wrong.push(`scrolls ${over} px sideways`);
  return wrong;
}
