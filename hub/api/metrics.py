"""/metrics and /ready: for Prometheus, and for whoever decides where requests go.

Nothing here is about a person: no name, no id of a customer or device is in any label.
"""

from collections.abc import Iterable

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.answers import Json, refusal
from hub.api.parts import Parts, TheParts
from hub.meters import Meters

router = APIRouter(tags=["operation"])


@router.get("/metrics")
async def metrics(parts: TheParts) -> Response:
    """What Prometheus reads, in its text format."""
    registry = CollectorRegistry()
    registry.register(_Hub(parts))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/ready")
async def ready(parts: TheParts) -> Response:
    """200 when it hears its devices and keeps what they say; else 503 with what is missing."""
    if parts.meters.failing or parts.intake.failing:
        return refusal(503, "What devices say cannot be kept: look at the disk, and the log.")
    if not parts.link.connected:
        return refusal(503, "There is no way to the broker.")
    return Json({"status": "ready"})


class Counted:
    """ASGI middleware: counts answers by their status."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app, self._meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._meters.answers[message["status"]] += 1
            await send(message)

        await self._app(scope, receive, sending)


class _Hub(Collector):
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> Iterable[Metric]:
        parts, meters = self._parts, self._parts.meters
        yield _gauge("link_up", "Whether the hub hears its devices.", parts.link.connected)
        yield _gauge("store_failing", "Whether what was last heard was not kept.", meters.failing)
        yield _gauge("messages_waiting", "Kept, and not folded yet.", parts.intake.waiting)
        yield _gauge("folding_failing", "Whether they cannot be.", parts.intake.failing)
        yield _gauge("devices", "That are registered.", len(parts.profiles.device_names()))
        yield _gauge("devices_online", "Whose line is up.", len(meters.online))
        yield _gauge("pages_listening", "That show changes as they come.", parts.changed.listeners)
        yield _total("messages", "From devices, taken in.", meters.messages)
        yield _total("batches", "Commits of what devices said.", meters.batches)
        yield _total("batches_not_kept", "That have to come again.", meters.not_kept)
        yield _total("taking_in_seconds", "Spent on what devices said.", meters.taking_in_s)
        yield self._wrong()
        yield self._answers()

    def _wrong(self) -> Metric:
        wrong = CounterMetricFamily(
            "rapport_refused", "Messages and events that were refused.", labels=["what", "reason"]
        )
        ingest = self._parts.ingest
        for what, counts in (("message", ingest.refused), ("event", ingest.poison)):
            reasons = dict.fromkeys((reason for _, reason in counts), 0)
            for (_, reason), count in counts.items():
                reasons[reason] += count
            for reason, count in reasons.items():
                wrong.add_metric([what, reason], count)
        return wrong

    def _answers(self) -> Metric:
        answers = CounterMetricFamily("rapport_answers", "To HTTP requests.", labels=["status"])
        for status, count in self._parts.meters.answers.items():
            answers.add_metric([str(status)], count)
        return answers


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"rapport_{name}", about, value)


def _total(name: str, about: str, value: float) -> Metric:
    return CounterMetricFamily(f"rapport_{name}", about, value)
