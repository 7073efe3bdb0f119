// Passkeys: asks the hub what to ask this device, and tells the hub what the device answered.

const place = document.getElementById("passkey");
const problem = place?.querySelector(".problem");

const UNDONE = {
  InvalidStateError: "It has a passkey of yours already; take another device, or a key that is plugged in.",
  Error: "That was not finished. Try again, or use a password.",
};

// addresses in digits have no passkeys, nor has a page that came by plain http from elsewhere
if (place && window.PublicKeyCredential && !/^[\d.:[\]]+$/.test(location.hostname)) {
  place.hidden = false;
  place.querySelector("button").addEventListener("click", use);
}

async function use() {
  problem.hidden = true;
  try {
    const name = document.querySelector("#account #name")?.value ?? "";
    const options = decoded(await ask(place.dataset.options, { name }));
    const made = await navigator.credentials[place.dataset.act]({ publicKey: options });
    const answer = { ...encoded(made), ...(name && { name }) };
    location.assign((await ask(place.dataset.answer, answer)).at);
  } catch (error) {
    problem.textContent = error instanceof Refused ? error.message : UNDONE[error.name] ?? UNDONE.Error;
    problem.hidden = false;
  }
}

class Refused extends Error {}

async function ask(path, body) {
  const { token } = place.dataset; // of the session's forms, for who has one
  const headers = { "Content-Type": "application/json", ...(token && { "X-Form-Token": token }) };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Refused(said.error);
  return said;
}

function decoded(options) {
  const ids = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: ids(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: ids(options.allowCredentials) }),
  };
}

function encoded(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return { id: made.id, rawId: text(made.rawId), type: made.type, response };
}

function bytes(said) {
  return Uint8Array.from(atob(said.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
