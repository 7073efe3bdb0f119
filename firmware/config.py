"""Who this device is and whom it calls: blobs in NVS, namespace "rapport", written at the factory.

    id       the device id                        broker  "host:port"
    product  its folder in firmware/products      wifi    "ssid\\0password"
    key      P-256 private key, DER
    cert     its certificate, DER
    ca       the authority of the broker, DER

All have to be there. An empty key, on a bench, means a broker without TLS.

    config = read(esp32.NVS("rapport"))
"""

from collections import namedtuple

from protocol import topics

_LONGEST_BLOB = 2048  # bytes; the most a factory writes
_LONGEST_PRODUCT = 24  # letters, as in protocol/product.py

# broker: (host, port)
Config = namedtuple("Config", ("id", "product", "key", "cert", "ca", "broker", "ssid", "password"))


class ConfigError(Exception):
    """A blob is missing or makes no sense; `blob` is its name."""

    def __init__(self, blob, problem):
        super().__init__("NVS rapport/%s: %s" % (blob, problem))
        self.blob = blob


def read(nvs):
    """The Config in an esp32.NVS, or ConfigError naming the blob that is wrong."""
    buffer = bytearray(_LONGEST_BLOB)
    device, product = _device(nvs, buffer), _product(nvs, buffer)
    key, cert, ca = [_blob(nvs, name, buffer) for name in ("key", "cert", "ca")]
    broker = _broker(_text(nvs, "broker", buffer))
    ssid, zero, password = _text(nvs, "wifi", buffer).partition("\0")
    if not ssid or not zero:
        raise ConfigError("wifi", "is not ssid, zero byte, password")
    return Config(device, product, key, cert, ca, broker, ssid, password)


def _device(nvs, buffer):
    name = _text(nvs, "id", buffer)
    if not topics.is_device(name):
        raise ConfigError("id", "%r is not 1 to 32 of a-z, 0-9 and hyphen" % name)
    return name


def _product(nvs, buffer):
    name = _text(nvs, "product", buffer)
    strange = name.strip("abcdefghijklmnopqrstuvwxyz0123456789_")
    if strange or not 1 <= len(name) <= _LONGEST_PRODUCT:
        raise ConfigError("product", "%r is not 1 to 24 of a-z, 0-9 and _" % name)
    return name


def _broker(text):
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError("broker", "%r is not host:port" % text)
    return host, int(port)


def _text(nvs, name, buffer):
    try:
        return _blob(nvs, name, buffer).decode()
    except UnicodeError:
        raise ConfigError(name, "is not UTF-8")


def _blob(nvs, name, buffer):
    try:
        length = nvs.get_blob(name, buffer)
    except OSError as error:
        raise ConfigError(name, "missing or longer than %d bytes (%s)" % (len(buffer), error))
    return bytes(buffer[:length])
