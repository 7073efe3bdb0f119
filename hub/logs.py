"""The log as lines of JSON, for machines that read it: RAPPORT_LOG=json.

{"at": "2026-11-22T07:31:04.120+00:00", "level": "warning", "from": "hub.ingest", "says": "..."}
"""

import logging
import sys
from datetime import UTC, datetime

import orjson


class Lines(logging.Formatter):
    """One line a record, whatever is in it: a line break in a message cannot make a second one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def as_json() -> None:
    """From now on the log is lines of JSON on standard error, and nothing else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
