from firmware.config import ConfigError, read


class Nvs:
    """Blobs as esp32.NVS gives them out."""

    def __init__(self, **blobs):
        self._blobs = blobs

    def get_blob(self, name, buffer):
        if name not in self._blobs:
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        blob = self._blobs[name]
        if len(blob) > len(buffer):
            raise OSError(-4364, "ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(blob)] = blob
        return len(blob)


GOOD = {
    "id": b"lamp-0001",
    "product": b"lamp",
    "key": b"\x30\x01",
    "cert": b"\x30\x02" * 400,
    "ca": b"\x30\x03",
    "broker": b"hub.local:8883",
    "wifi": "café\0päss".encode(),
}


def wrong_blob(blobs):
    try:
        read(Nvs(**blobs))
    except ConfigError as error:
        assert error.blob in str(error)
        return error.blob
    return None


def test_everything_is_read_as_it_was_written():
    config = read(Nvs(**GOOD))
    assert (config.id, config.product) == ("lamp-0001", "lamp")
    assert (config.key, config.cert, config.ca) == (GOOD["key"], GOOD["cert"], GOOD["ca"])
    assert config.broker == ("hub.local", 8883)
    assert (config.ssid, config.password) == ("café", "päss")


def test_a_product_is_named_as_in_its_definition():
    blobs = dict(GOOD)
    blobs["product"] = b"floor_lamp_2"
    assert read(Nvs(**blobs)).product == "floor_lamp_2"


def test_a_missing_blob_is_named():
    for name in GOOD:
        blobs = dict(GOOD)
        del blobs[name]
        assert wrong_blob(blobs) == name


def test_a_blob_that_makes_no_sense_is_named():
    for name, blob in (
        ("id", b""),
        ("id", b"Lamp 1"),
        ("id", b"\xff"),
        ("product", b"../lamp"),
        ("product", b""),
        ("product", b"lamp-with-hyphen"),
        ("product", b"a" * 25),
        ("broker", b"hub.local"),
        ("broker", b":8883"),
        ("broker", b"hub:0"),
        ("broker", b"hub:x"),
        ("wifi", b"no password"),
        ("wifi", b"\0password"),
        ("cert", bytes(2049)),
    ):
        blobs = dict(GOOD)
        blobs[name] = blob
        assert wrong_blob(blobs) == name, name


def test_an_open_network_and_a_broker_without_tls_are_possible():
    blobs = dict(GOOD)
    blobs["wifi"], blobs["key"] = b"open\0", b""
    config = read(Nvs(**blobs))
    assert (config.password, config.key) == ("", b"")
