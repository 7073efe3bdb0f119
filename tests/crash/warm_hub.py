"""All that a hub has imported and made once: hubs that are forked from here start at once.

Imported by the process that forks them (see kill_hub.py), and by nobody else.
"""

import gc
import tempfile
from pathlib import Path

import uvicorn.lifespan.on
import uvicorn.loops.auto
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto  # noqa: F401 - uvicorn imports these when it starts

from hub.config import Settings
from hub.start import build, create_app
from tests.crash import kill_hub  # noqa: F401 - where the forked process begins

with tempfile.TemporaryDirectory(prefix="rapport-") as _folder:
    _parts = build(Settings(data=Path(_folder), broker="127.0.0.1"))
    create_app(_parts)
    _parts.store.close()
gc.collect()
gc.freeze()  # what is shared with the forked is not to be copied by their collector
