"""/api/insight: what people do differently; of each whether it helps."""

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Path, Response

from hub.api.answers import Json
from hub.api.parts import TheParts
from hub.insight.differences import Difference
from hub.insight.plot import picture
from hub.insight.reckoning import reckon

router = APIRouter(tags=["insight"])

Id = Annotated[str, Path(max_length=40)]
Name = Annotated[str, Path(max_length=64)]


@router.get("/api/insight")
async def struggling(parts: TheParts) -> Json:
    """Who may need help, and by which signs; as of the last reckoning."""
    return Json(parts.insights.struggling())


@router.post("/api/insight", status_code=201)
async def reckoned(parts: TheParts) -> Json:
    """Work everything out now; it is done once a day anyway. Takes seconds to minutes."""
    return Json({"customers": await reckon(parts.insights)}, 201)


@router.get("/api/insight/{product}")
async def product(parts: TheParts, product: Name) -> Json:
    """What its users do differently, how their learning begins, whether it helps; k-anonymous."""
    return Json(parts.insights.of_product(product))


@router.get("/api/insight/{product}/differences.csv")
async def differences(parts: TheParts, product: Name) -> Response:
    """The ranked differences as a table."""
    rows = parts.insights.of_product(product)["differences"]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*Difference._fields, "text"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8")


@router.get("/api/insight/{product}/differences.svg")
async def plot(parts: TheParts, product: Name) -> Response:
    """The strongest of them as a picture."""
    kept = parts.insights.of_product(product)
    title = f"{parts.products[product].title}: what people do differently"
    return Response(picture(kept["differences"], title), media_type="image/svg+xml")


@router.get("/api/customers/{customer}/insight")
async def customer(parts: TheParts, customer: Id) -> Json:
    """Whether each product helps this person, what it costs and saves them, signs of trouble."""
    return Json(parts.insights.customer(customer))
