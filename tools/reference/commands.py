"""docs: every command of `rapport`, from the program itself."""

from typing import Any

import typer.main

from tools.cli import whole
from tools.reference.table import table

_TITLE = """# Every command

Made from the program; `rapport COMMAND --help` says the same.

"""


def page() -> str:
    return _TITLE + "\n".join(_about(name, command) for name, command in every())


def every() -> list[tuple[str, Any]]:
    """Each command with its whole name, like ("ota publish", command), in order of the names."""
    return sorted(_below("", typer.main.get_command(whole())), key=lambda each: each[0])


def _below(prefix: str, command: Any) -> list[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        return [(prefix, command)]
    found = []
    for name, each in command.commands.items():
        found += _below(f"{prefix} {name}".strip(), each)
    return found


def _about(name: str, command: Any) -> str:
    said = f"## rapport {name}\n\n{command.help or ''}\n\n"
    rows = [_parameter(each) for each in command.params if each.name != "help"]
    return said + (table(("", "", "default"), rows) if rows else "")


def _parameter(each: Any) -> tuple[str, str, str]:
    name = each.name.upper() if each.param_type_name == "argument" else each.opts[0]
    default = each.default
    if default in (None, False, "", ...) or callable(default):
        return f"`{name}`", each.help or "", ""
    return f"`{name}`", each.help or "", f"`{default}`"
