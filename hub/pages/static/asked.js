// What is looked up only when somebody asks, as why a device did what it did at a visit, is fetched
// then and shown beside the line that tells of it. Without a script there is a link to the same page.

export function askers() {
  document.addEventListener("toggle", (event) => show(event.target), true);
  document.querySelectorAll("details[open]").forEach(show); // opened before this script was there
}

async function show(details) {
  if (!details.open || !details.dataset.from || details.querySelector("[data-part]")) return;
  const answer = await fetch(details.dataset.from, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return; // the link is still there
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = page.querySelector("[data-part]");
  if (part && details.isConnected) details.querySelector("summary ~ *").replaceWith(part);
}
