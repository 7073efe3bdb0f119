"""Puts a page together: a template, and what every template may use."""

from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.access.roles import ROWS
from hub.api.parts import Parts
from hub.pages import plot, words
from hub.pages.plots import curve, spread, week
from hub.pages.times import Times

# with no referrer at all a browser sends the forms of a page as from nowhere, and they are refused
_HEADERS = {"Referrer-Policy": "same-origin"}

_MENU = (
    ("/", "Search"),
    ("/customers/new", "New customer"),
    ("/insight", "Insight"),
    ("/updates", "Updates"),
    ("/staff", "Staff"),
    ("/audit", "Audit"),
    ("/account", "Account"),
)

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.globals["words"] = words
_templates.filters |= {
    "word": lambda kind: words.kind(kind).text,
    "title_of": words.title,
    "source_of": lambda source: words.source(source).text,
}
_templates.globals["frame"] = plot
_templates.globals["curves"] = curve
_templates.globals["weeks"] = week
_templates.globals["spreads"] = spread
_templates.globals["parts"] = _templates.get_template("parts.html").module
_templates.globals["plots"] = _templates.get_template("plots.html").module


def write(template: str, **context: Any) -> str:
    """A page that knows neither session nor time."""
    return _templates.get_template(template).render(context)


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page of a signed-in session: its forms carry the token, its times are the hub's."""
    parts: Parts = request.app.state.parts
    token = parts.access.form_token(request.state.session)
    times = Times(parts.clock(), parts.zone)
    known = {
        "form_token": token,
        "times": times,
        "notice": words.NOTICES.get(request.query_params.get("done", ""), ""),
        "version": parts.changed.version,
    } | _of_session(request, parts)
    body = write(template, **known | context)
    return HTMLResponse(body, status, _HEADERS)


def _of_session(request: Request, parts: Parts) -> dict[str, Any]:
    """Where this one may go; and why support looks at a customer, for how many seconds more."""
    who, case = request.state.who, getattr(request.state, "case", None)
    return {
        "menu": [one for one in _MENU if who and who.role in ROWS[f"GET {one[0]}"].roles],
        "case": case,
        "case_of": request.path_params.get("customer", ""),
        "case_s": (case.ends_ms - parts.clock()) // 1000 if case else 0,
    }


def see(path: str) -> Response:
    """After a form was taken: look at this page, so that reloading asks nothing again."""
    return RedirectResponse(path, status_code=303)
