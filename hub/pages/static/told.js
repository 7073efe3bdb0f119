// What a page that speaks with a device tells: what it does, and what went wrong, in a sentence.
// It does one thing at a time; while it does, another tap does nothing.

export class ToldError extends Error {} // its message is a sentence for whoever reads the page

const [status, trouble] = ["status", "trouble"].map((id) => document.getElementById(id));

export async function carefully(page, what, act) {
  if (page.getAttribute("aria-busy") === "true") return;
  page.setAttribute("aria-busy", "true");
  trouble.hidden = true;
  tell(what);
  try {
    await act();
  } catch (error) {
    const foreseen = error instanceof ToldError;
    complain(foreseen ? error.message : `Something went wrong (${error.message}). Connect again.`);
    if (!foreseen) console.error(error);
  }
  page.setAttribute("aria-busy", "false");
}

export function tell(sentence) {
  status.textContent = sentence;
}

export function complain(sentence) {
  tell("");
  trouble.hidden = false;
  trouble.querySelector("span").textContent = sentence;
}

// JSON of the hub; body: what is sent, with the token of the page's forms
export async function asked(path, body, token) {
  const headers = { accept: "application/json" };
  const sent = body && {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", "x-form-token": token },
    body: JSON.stringify(body),
  };
  const answer = await fetch(path, sent ?? { headers }).catch(() => null);
  if (!answer) throw new ToldError("The hub does not answer. Look whether you are on its network.");
  const reply = await answer.json();
  if (!answer.ok) throw new ToldError(reply.error);
  return reply;
}
