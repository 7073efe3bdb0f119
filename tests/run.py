"""The MicroPython half of a test: micropython tests/run.py tests/both/test_x.py [TEST ...]."""

import sys

sys.path.insert(0, "")
parts = sys.argv[1][:-3].replace("\\", "/").split("/")
module = __import__(".".join(parts))
for part in parts[1:]:
    module = getattr(module, part)
failed = 0
for name in sys.argv[2:] or [name for name in dir(module) if name.startswith("test_")]:
    try:
        getattr(module, name)()
        print("ok", name)
    except Exception as error:
        failed += 1
        print("FAIL", name)
        sys.print_exception(error)
sys.exit(1 if failed else 0)
