"""Writes down what happens to a customer, and keeps what follows from it up to date.

happened(customer, lamp, {"kind": "event", "at_ms": now_ms, ...}, told)
known(customer, lamp).known.rows
"""

from hub.past.history import CHUNK, MOST
from hub.past.refold import left_out, marks_of, refold, take
from hub.past.use import Use, read_use, write_use
from hub.people.customer import Customer
from hub.products import Products
from hub.store import Document
from protocol.product import Product


def known(customer: Customer, product: Product) -> Use:
    """A customer's own use of a product, as this version of the product sees it."""
    document = customer.use_of(product.name)
    if document and document.get("version") != product.version:
        return _of_this_version(customer, product, document)
    use = read_use(document, customer.generation)
    use.version = product.version
    return use


def happened(customer: Customer, product: Product, entry: Document, told: Document) -> int:
    """Something happened; `told` is how the timeline tells it. The number of the entry."""
    use, history = known(customer, product), customer.history
    line = customer.timeline.add(told | {"log": history.last + 1})
    entry = entry | {"product": product.name, "line": line}
    number = history.add(entry)
    take(use, entry, product)
    customer.keep_use(product.name, use)
    return number


def anew(customer: Customer, product: Product) -> Use:
    """Fold the whole history again, and keep what it comes to."""
    history = customer.history
    use = refold(
        history.snapshot(product.name), history.entries(product.name), product, customer.generation
    )
    customer.keep_use(product.name, use)
    return use


def tidy(customer: Customer, products: Products) -> None:
    """Keep the history within its bounds."""
    history = customer.history
    if history.last - history.first >= MOST:
        compact(customer, products, history.first + CHUNK - 1)


def compact(customer: Customer, products: Products, upto: int) -> None:
    """Let the entries up to a number go into snapshots: they can be undone no more."""
    history = customer.history
    upto, entries = min(upto, history.last), history.entries()
    without = left_out(entries)
    going = [(number, entry) for number, entry in entries if number <= upto]
    snapshots = {}
    for name in sorted({entry["product"] for _, entry in going} & set(products)):
        of_it = [(number, entry) for number, entry in going if entry["product"] == name]
        use = refold(history.snapshot(name), of_it, products[name], customer.generation, without)
        gone = marks_of(of_it, without.entries)
        for place in set(without.marks) - set(gone):
            use.undone.pop(place, None)  # known from later entries as long as they are there
        snapshots[name] = write_use(use)
    history.compact(upto, snapshots)


def _of_this_version(customer: Customer, product: Product, document: Document) -> Use:
    history = customer.history
    if "version" not in document:  # kept before there was a history
        history.compact(history.first - 1, {product.name: document})
    return anew(customer, product)
