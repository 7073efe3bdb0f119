"""docs: every setting of the hub, from hub/config.py."""

import ast
import inspect

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hub.config import Settings
from tools.reference.table import table

_TITLE = """# Every setting of the hub

Made from the code: environment variables, each with a default.

"""


def page() -> str:
    meanings = _meanings()
    rows = [
        (f"`RAPPORT_{name.upper()}`", _kind(field), _default(field), meanings.get(name, ""))
        for name, field in Settings.model_fields.items()
    ]
    return _TITLE + table(("variable", "is", "default", "means"), rows)


def _kind(field: FieldInfo) -> str:
    kind = field.annotation
    return (
        f"`{kind.__name__}`" if isinstance(kind, type) else f"`{str(kind).replace('pathlib.', '')}`"
    )


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is None or default is PydanticUndefined:
        return ""
    if isinstance(default, list):
        return ", ".join(f"`{getattr(each, 'name', each)}`" for each in default)
    return f"`{default}`"


def _meanings() -> dict[str, str]:
    """The text below each field, in the source."""
    (made,) = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(made, ast.ClassDef)
    found, name = {}, ""
    for statement in made.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
        elif name and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            found[name], name = str(statement.value.value), ""
        else:
            name = ""
    return found
