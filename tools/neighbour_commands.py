"""`rapport neighbour`: descriptions for systems that people have already, as JSON."""

import json
from importlib.metadata import version
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Descriptions for systems that you have already.")

_Which = Annotated[str, typer.Argument(help="A product, as in product.json; or a device's id.")]


@app.command("home-assistant")
def home_assistant(
    which: _Which,
    settings: Annotated[bool, typer.Option(help="Those of one owner, too.")] = False,
    prefix: Annotated[str, typer.Option(help="Of its discovery.")] = "homeassistant",
) -> None:
    """What the hub says to a home's MQTT discovery: each topic and its document."""
    from hub.neighbours.home_assistant import Look, entities

    device, title, product = _found(which)
    _print(entities(Look(device, title, product, settings, prefix)))


@app.command()
def thing(which: _Which) -> None:
    """The W3C Thing Description of a device, or the Thing Model of a product."""
    from hub.config import Settings
    from hub.neighbours.thing import description, model

    device, title, product = _found(which)
    config = Settings()
    hub = config.origin or f"http://{config.host}:{config.port}"
    is_product = device == product.name
    _print(model(product) if is_product else description(device, title, product, hub))


@app.command()
def asyncapi() -> None:
    """What hub and devices say over MQTT, as an AsyncAPI 3 document."""
    from hub.neighbours.asyncapi import document

    _print(document(version("rapport-products")))


@app.command()
def openapi() -> None:
    """The hub's API as an OpenAPI 3 document; a hub that runs has it at /api/openapi.json."""
    from tools.reference.routes import application

    _print(application().openapi())


def _found(which: str) -> tuple[str, str, Any]:
    """(device, title, product): a product stands for a device of the same name."""
    from hub.config import Settings
    from hub.products import load
    from tools.asking import HubError, ask

    settings = Settings()
    products = load(settings.products)
    if which in products:
        return which, products[which].title, products[which]
    device = ask(settings, "GET", f"/api/devices/{which}")
    if device["product"] not in products:
        raise HubError(f"{which} is a {device['product']}, and RAPPORT_PRODUCTS has no such")
    return which, device["title"], products[device["product"]]


def _print(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
