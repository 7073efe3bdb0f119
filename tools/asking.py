"""Asks the hub that runs with these settings, as staff."""

import json
import urllib.error
import urllib.request
from typing import Any

from hub.config import Settings

_PATIENCE_S = 30


class HubError(Exception):
    """The hub cannot be asked, or said no; the text is a sentence."""


def ask(settings: Settings, method: str, path: str, body: Any = None) -> Any:
    """The JSON that it answers. body: JSON, or bytes that are sent as they are. Raises HubError."""
    key = settings.data / "staff.key"
    if not key.exists():
        raise HubError(f"there is no {key}: run this where the hub runs, or set RAPPORT_DATA")
    request = urllib.request.Request(
        f"http://{settings.host}:{settings.port}{path}",
        body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
        {"Authorization": f"Bearer {key.read_text().strip()}", "Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise HubError(_sentence(error)) from None
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        raise HubError(f"no hub answers at {place}: start it by `rapport hub` ({error})") from None


def _sentence(error: urllib.error.HTTPError) -> str:
    try:
        return json.load(error)["error"]
    except (ValueError, KeyError, TypeError):
        return f"the hub answered {error.code}"
