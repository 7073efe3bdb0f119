"""Tries a product's driver on MicroPython, away from any board, and says what it saw.

micropython -m drive PRODUCT SEED, in a folder as a slot is. Prints a JSON object a line:

{"m": "fault", "in": "apply", "said": "...", "line": 12}    something raised, or broke the contract
{"m": "pin", "p": 12, "v": 65535, "of": [60, 2700]}         set beyond what a pin can be
{"m": "most", "p": 12, "v": 65535, "beyond": 70000, "of": [300, 2700]}   by codes out of limits
{"m": "heap", "bytes": 4096}                                what product and driver take
{"m": "done"}
"""

import gc
import io
import json
import random
import sys

_FULL = 65535
_FITTING, _WILD = 300, 300  # how many applies
_FAR = (-(1 << 29), -1, 1 << 16, (1 << 29) - 1)
_PRESS_MS, _LONG_MS = 60, 900


class _Wire:
    """In the place of the bench: keeps what the outputs were set to."""

    def __init__(self):
        self.on = {}
        self.outputs = []

    def send(self, message):
        if message["m"] == "out":
            self.outputs.append((message["p"], message["v"]))


class _Act:
    """What hands may do; says when a driver asks for what the product has not."""

    def __init__(self, product):
        self._product = product
        self._offered = False

    def accept(self):
        self._offered = not self._offered  # so that a driver does what it does in either case
        return self._offered

    def turn(self, index, detents):
        self._within("turn", index, self._product.settings, "settings")
        _whole("turn", detents)

    def set(self, index, code):
        self._within("set", index, self._product.settings, "settings")
        _whole("set", code)

    def count(self, index, count):
        self._within("count", index, self._product.counters, "counters")
        _whole("count", count)

    def reset(self, index):
        self._within("reset", index, self._product.counters, "counters")

    def _within(self, name, index, items, what):
        if not isinstance(index, int) or not 0 <= index < len(items):
            raise ValueError("act.%s(%r, ...): there are %d %s" % (name, index, len(items), what))


def _whole(name, number):
    if not isinstance(number, int):
        raise TypeError("act.%s(..., %r): a whole number is wanted" % (name, number))


def _say(what, **more):
    more["m"] = what
    print(json.dumps(more))


def _fault(where, error):
    trace = io.StringIO()
    sys.print_exception(error, trace)
    line = None
    for each in trace.getvalue().split("\n"):
        if "/driver.py" in each:
            line = int(each.split("line ")[1].split(",")[0])
    _say("fault", said="%s: %s" % (type(error).__name__, error), line=line, **{"in": where})


def _tried(where, act, *arguments):
    """What act returns, or None after saying what it raised."""
    try:
        return act(*arguments)
    except Exception as error:
        _fault(where, error)


def _apply(driver, codes, limits=None):
    """Apply codes and look at the pins; limits: {pin: most} that none may pass."""
    wire.outputs.clear()
    driver.apply(list(codes))
    for pin, level in wire.outputs:
        if not isinstance(level, int) or not 0 <= level <= _FULL:
            _say("pin", p=pin, v=level, of=codes)
            raise StopIteration
        if limits is not None and level > limits.get(pin, 0):
            _say("most", p=pin, v=limits.get(pin, 0), beyond=level, of=codes)
            raise StopIteration
    return wire.outputs


def _fuzz(driver, settings):
    """Every corner and many codes within limits, then beyond: no pin may go further than before."""
    most = {}
    try:
        for codes in _fitting(settings):
            for pin, level in _apply(driver, codes):
                most[pin] = max(level, most.get(pin, 0))
        for codes in _wild(settings):
            _apply(driver, codes, most)
    except StopIteration:
        pass
    except Exception as error:
        _fault("apply", error)


def _fitting(settings):
    yield [setting.start for setting in settings]
    for number in range(min(1 << len(settings), _FITTING)):
        yield [s.high if number >> at & 1 else s.low for at, s in enumerate(settings)]
    for _ in range(_FITTING):
        yield [s.fit(random.randint(s.low, s.high)) for s in settings]


def _wild(settings):
    for at, setting in enumerate(settings):
        for far in _FAR + (setting.low - 1, setting.high + 1):
            codes = [each.high for each in settings]
            codes[at] = far
            yield codes
    for _ in range(_WILD):
        yield [random.choice(_FAR + (s.low - 1, s.high + 1, s.low, s.high)) for s in settings]


def _answers(driver, product):
    """What it says of itself."""
    signals = _tried("signals", driver.signals)
    if signals is not None and len(signals) != len(product.signals):
        text = "signals() gives %d, product.json names %d" % (len(signals), len(product.signals))
        _say("fault", said=text, line=None, **{"in": "signals"})
    _tried("on", driver.on)
    if hasattr(driver, "offer"):
        for index, setting in enumerate(product.settings):
            _tried("offer", driver.offer, index, setting.high)


async def _handle(driver):
    """Run its hands, and do to every input pin what a person can."""
    import asyncio

    async def run(hand):
        try:
            await hand.run()
        except Exception as error:
            _fault("hands", error)

    tasks = [asyncio.create_task(run(hand)) for hand in driver.hands]
    await asyncio.sleep_ms(0)
    inputs = [pin for pin, each in machine._pins.items() if each._handler]
    for ms in (_PRESS_MS, _LONG_MS):
        for pin in inputs:
            wire.on["pins"]({"v": [[pin, 0]]})
        await _pass(ms)
        for pin in inputs:
            wire.on["pins"]({"v": [[pin, 1]]})
        await _pass(_PRESS_MS)
    for a in inputs:
        for b in inputs:
            for pin, level in ((a, 0), (b, 0), (a, 1), (b, 1)) * 2:
                wire.on["pins"]({"v": [[pin, level]]})
    await _pass(_PRESS_MS)
    for task in tasks:
        task.cancel()


async def _pass(ms):
    import asyncio
    import time

    time.skip(ms)
    for _ in range(4):
        await asyncio.sleep_ms(1)


def _try(folder):
    import asyncio

    from protocol.product import read_product

    with open(folder + "/product.json") as file:
        described = json.load(file)
    gc.collect()
    before = gc.mem_alloc()
    product = read_product(described)
    try:
        module = __import__(folder.replace("/", ".") + ".driver", None, None, ("Driver",))
        driver = module.Driver(_Act(product))
    except Exception as error:
        return _fault("the start", error)
    gc.collect()
    _say("heap", bytes=gc.mem_alloc() - before)
    _fuzz(driver, product.settings)
    _answers(driver, product)
    _tried("hands", lambda: asyncio.run(_handle(driver)))


def _install(name):
    sys.modules.pop(name, None)
    return __import__(name)


wire = sys.modules["wire"] = _Wire()
_install("time")  # before asyncio, which takes its ticks from it
machine = _install("machine")
random.seed(int(sys.argv[-1]))
_try("firmware/products/" + sys.argv[-2])
_say("done")
