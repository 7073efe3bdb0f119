// The desk in a browser: searches while one types, and shows what changes at the hub.
// Without it every page still reads and every form still works.

import { askers } from "./asked.js";
import { listen } from "./live.js";
import { search } from "./search.js";

const field = document.getElementById("q");
if (field) search(field);
listen();
askers();

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (field) field.select();
  else location.assign("/");
});
