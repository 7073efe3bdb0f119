"""`rapport export`, `rapport import`, `rapport receipt check`: what people take away, or bring."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from hub import durable
from hub.access.signing import SignatureError, check, fingerprint
from hub.config import Settings
from hub.errors import InvalidError
from hub.privacy.sheet import archive
from tools.asking import HubError, ask


def export(customer: str, target: Path | None, csv: bool, settings: Settings, out: Console) -> Path:
    """Write all that is kept of a customer to a new file, by default named by their id."""
    document = ask(settings, "GET", f"/api/customers/{customer}/export")
    target = target or Path(f"{customer}.{'zip' if csv else 'json'}")
    if target.exists():
        raise HubError(f"{target} is there already: name another file by --to")
    content = archive(document) if csv else json.dumps(document, indent=1).encode()
    durable.replace(target, content)
    out.print(f"{target}, digest {document['digest']}", highlight=False, soft_wrap=True)
    return target


def bring(source: Path, settings: Settings, out: Console) -> str:
    """Give the running hub what another exported; the customer's new id."""
    content = source.read_bytes()
    _document(source, content)
    taken = ask(settings, "POST", "/api/imports", content)
    out.print(f"{taken['id']}, digest {taken['digest']}", highlight=False, soft_wrap=True)
    return taken["id"]


def check_receipt(source: Path, key: str, out: Console) -> bool:
    """Was this receipt changed, or signed by another key? key: hex, or "" for any."""
    receipt = _document(source, source.read_bytes())
    try:
        found = check(receipt)
        if key and found != fingerprint(key):
            raise SignatureError("it was signed by another key than the hub's")
    except (SignatureError, ValueError) as error:
        out.print(f"{source} is not to be trusted: {error}.", style="red", highlight=False)
        return False
    copies = receipt["copies"]
    done = sum(copy["state"] == "erased" for copy in copies)
    out.print(f"{source} is as the hub signed it: {done} of {len(copies)} copies are erased.")
    out.print(f"Its key: {found} (compare with /api/receipts/key of the hub)", highlight=False)
    for copy in copies:
        out.print(f"  {copy['what']}: {copy['text']}", highlight=False, markup=False)
    return True


def _document(source: Path, content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise InvalidError("file", f"{source} holds no JSON document.")
    return document
