"""The cookie by which a browser is known: given when somebody comes, taken when they leave."""

from fastapi import Request
from starlette.responses import Response

from hub.access.door import SECURE_COOKIE, SESSION_COOKIE, life
from hub.access.who import Who


def give(request: Request, answer: Response, who: Who) -> Response:
    """Begin a session; one that the browser had ends, so that nobody can have planted it."""
    access = request.app.state.parts.access
    if request.state.session:
        access.close(request.state.session)
    whole = life(who)
    seconds = min(whole.whole_ms, max(whole.idle_ms, 12 * 3_600_000)) // 1000
    secure = request.url.scheme == "https"
    answer.set_cookie(
        SECURE_COOKIE if secure else SESSION_COOKIE,
        access.begin(who),
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
    return answer


def take(request: Request, answer: Response) -> Response:
    request.app.state.parts.access.close(request.state.session)
    secure = request.url.scheme == "https"
    name = SECURE_COOKIE if secure else SESSION_COOKIE
    answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")
    return answer
