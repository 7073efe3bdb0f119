"""Puts a page together: a template, and what every template may use."""

from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.api.parts import Parts
from hub.pages import plot, words
from hub.pages.times import Times

# with no referrer at all a browser sends the forms of a page as from nowhere, and they are refused
_HEADERS = {"Referrer-Policy": "same-origin"}

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.globals["words"] = words
_templates.globals["frame"] = plot
_templates.globals["parts"] = _templates.get_template("parts.html").module


def write(template: str, **context: Any) -> str:
    """A page that knows neither session nor time."""
    return _templates.get_template(template).render(context)


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page of a signed-in session: its forms carry the token, its times are the hub's."""
    parts: Parts = request.app.state.parts
    token = parts.access.form_token(request.state.session)
    times = Times(parts.clock(), parts.zone)
    notice = words.NOTICES.get(request.query_params.get("done", ""), "")
    body = write(template, form_token=token, times=times, notice=notice, **context)
    return HTMLResponse(body, status, _HEADERS)


def see(path: str) -> Response:
    """After a form was taken: look at this page, so that reloading asks nothing again."""
    return RedirectResponse(path, status_code=303)
