"""Keeps what is carried over from one product of a customer to another up to date.

It is kept beside what is known of them at a product (circle.use has it in `known.carried`), since
it follows from what is known at the others and may change without a word about this one.
"""

from hub.devices.device import Device
from hub.devices.outbox import WORDS, Outbox
from hub.draft import Draft
from hub.learning.carry import carried
from hub.people import circle
from hub.people.customer import Customer
from hub.privacy.consent import SHARE, agreed
from hub.products import Products
from protocol.decision import Carried
from protocol.product import Product


def renew(draft: Draft, customer: Customer, products: Products, now_ms: int) -> list[str]:
    """After something happened to a customer: the devices that must be told of what is carried."""
    everyone = circle.members(draft, customer)
    linked = {name: Device(draft, name).product for one in everyone for name in one.devices}
    names = sorted({*linked.values(), *(name for one in everyone for name in one.used())})
    made = [products[name] for name in names if name in products]
    if len(made) < 2 and not any(_has_retired(product) for product in made):
        return []
    known = {product.name: circle.use(draft, customer, product).known for product in made}
    shares, to_tell = agreed(everyone, SHARE), []
    for product in made:
        others = [
            (other, known[other.name])
            for other in made
            if (other is product and _has_retired(product)) or (other is not product and shares)
        ]
        found = carried(product, others)
        stood = known[product.name].carried
        if {at: (one.code, one.origin) for at, one in stood.items()} == found:
            continue
        news = {
            at: stood[at] if at in stood and stood[at][:2] == one else Carried(*one, now_ms)
            for at, one in found.items()
        }
        for member in everyone:
            member.keep_carried(product.name, news)
        to_tell += [name for name in sorted(linked) if linked[name] == product.name]
    for name in to_tell:
        for member in everyone:
            if name in member.devices:
                subject = member.devices[name]["subject"]
                Outbox(draft, Device(draft, name)).person(subject, [WORDS])
    return to_tell


def _has_retired(product: Product) -> bool:
    return any(setting.retired for setting in product.settings)
