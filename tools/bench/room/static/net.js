// How the page speaks with the room: what is comes as a stream, what is done goes as one request.

const trouble = document.getElementById("trouble");
let hiding;

export function follow(show) {
  const stream = new EventSource("/views");
  stream.onmessage = (message) => {
    if (trouble.dataset.lost) say("");
    show(JSON.parse(message.data));
  };
  stream.onerror = () => say("The room does not answer. Is the demo still running?", true);
}

export async function act(asked) {
  try {
    const answer = await fetch("/acts", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
    });
    if (!answer.ok) say((await answer.json()).error);
  } catch {
    say("The room does not answer. Is the demo still running?", true);
  }
}

// At most ten a second; the last one always arrives.
export function throttled(send, pause = 100) {
  let waiting = null;
  let timer = null;
  const go = () => {
    timer = waiting === null ? null : setTimeout(go, pause);
    if (waiting === null) return;
    const now = waiting;
    waiting = null;
    send(now);
  };
  return (value) => {
    waiting = value;
    if (timer === null) go();
  };
}

function say(text, lost = false) {
  clearTimeout(hiding);
  trouble.textContent = text;
  trouble.hidden = !text;
  trouble.dataset.lost = lost ? "yes" : "";
  if (text && !lost) hiding = setTimeout(() => say(""), 6000);
}
