"""Stand-in for MicroPython's esp32 module: NVS blobs, one host file each, and partitions.

`host` is a file system whose root is the folder of this device's NVS, `partitions` has the block
devices by label; start.py puts them here.
"""

_NOT_FOUND = -0x1102
_INVALID_LENGTH = -0x110C

host = None
partitions = {}


class NVS:
    def __init__(self, namespace):
        self._namespace = namespace

    def _path(self, key):
        if len(key) > 15:
            raise OSError(-0x1109, "ESP_ERR_NVS_KEY_TOO_LONG")
        return "/%s.%s" % (self._namespace, key)

    def get_blob(self, key, buffer):
        try:
            file = host.open(self._path(key), "rb")
        except OSError:
            raise OSError(_NOT_FOUND, "ESP_ERR_NVS_NOT_FOUND")
        blob = file.read()
        file.close()
        if len(blob) > len(buffer):
            raise OSError(_INVALID_LENGTH, "ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(blob)] = blob
        return len(blob)

    def set_blob(self, key, value):
        file = host.open(self._path(key), "wb")
        file.write(value)
        file.close()

    def erase_key(self, key):
        try:
            host.remove(self._path(key))
        except OSError:
            raise OSError(_NOT_FOUND, "ESP_ERR_NVS_NOT_FOUND")

    def commit(self):
        pass


class Partition:
    TYPE_DATA = 1

    @staticmethod
    def find(type, label):
        return [partitions[label]] if label in partitions else []
