// A customer's own pages in a browser: they show what changes, and can be installed.
// Without it every page still reads and every form still works.

import { listen } from "./live.js";

listen();
navigator.serviceWorker?.register("/static/mine-worker.js", { scope: "/mine" }).catch(() => {});
