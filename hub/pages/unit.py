"""/devices/<id>: one device, how it is, whom it knows and what there is to note."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub.api.customers import Id
from hub.api.parts import TheProfiles
from hub.pages.paper import page

router = APIRouter(include_in_schema=False)


@router.get("/devices/{device}")
async def unit(request: Request, profiles: TheProfiles, device: Id) -> Response:
    about = profiles.device(device)
    product = profiles.products.get(about["product"])
    counters = [
        counter | {"total": about["totals"][counter["name"]]}
        for counter in (one._asdict() for one in (product.counters if product else ()))
        if counter["name"] in about["totals"]
    ]
    return page(request, "device.html", device=about, product=product, counters=counters)
