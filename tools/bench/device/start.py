"""Starts a device as a board starts: stand-ins in place of C modules, the image mounted on /.

micropython -m start PORT NAME MAC IMAGE NVS_FOLDER

Everything of the host is imported, then unmounted: the firmware sees its own flash only.
"""

import gc
import sys
from binascii import unhexlify


def _install(name):
    sys.modules.pop(name, None)
    return __import__(name)


def _start(port, name, mac, image, nvs_folder):
    import vfs

    host = vfs.VfsPosix(nvs_folder)
    time = _install("time")  # before asyncio, which takes its ticks from it
    wire = _install("wire")
    wire.connect(int(port))
    time.idle = wire.idle
    wire.on["skip"] = lambda message: time.skip(message["v"])
    for module in ("machine", "network", "esp32", "bluetooth"):
        _install(module)
    sys.modules["machine"].unique = unhexlify(mac.replace(":", ""))
    sys.modules["esp32"].host = host

    from flash import Flash

    partitions = sys.modules["esp32"].partitions
    for label in ("data", "romfs"):
        try:
            file = open(image.rsplit(".", 1)[0] + "." + label, "r+b")  # noqa: SIM115
        except OSError:
            continue  # a board without such a partition
        partitions[label] = Flash(file)
    flash = Flash(open(image, "r+b"))  # noqa: SIM115
    mapped = _install("mapped") if "romfs" in partitions else None
    vfs.umount("/")
    vfs.mount(vfs.VfsLfs2(flash, readsize=32, progsize=32, lookahead=32), "/")
    sys.path[:] = ["", "/lib", ".frozen"]
    if mapped:
        mapped.install(partitions["romfs"])
    for each in wire.call("hello", name=name, mac=mac):
        wire.on[each["t"]](each)

    import asyncio

    asyncio.create_task(wire.pump())


def _run(path):
    try:
        file = open(path)  # noqa: SIM115
    except OSError:
        return
    source = file.read()
    file.close()
    gc.collect()
    exec(compile(source, path, "exec"), {"__name__": "__main__"})


_start(*sys.argv[-5:])
gc.collect()
_run("boot.py")
_run("main.py")
