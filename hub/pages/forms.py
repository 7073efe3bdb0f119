"""What was wrong with a form, so that the page can say it beside the field and keep what was typed.

form names the form on its page; typed holds its fields as they were sent.
"""

from typing import NamedTuple

from hub.errors import AskedError, ConflictError, InvalidError, UnknownError


class Trouble(NamedTuple):
    form: str
    status: int
    field: str
    sentence: str
    typed: dict[str, str]

    def at(self, form: str, field: str = "") -> str:
        """The sentence for this field, or for the form as a whole; else ""."""
        return self.sentence if (form, field) == (self.form, self.field) else ""

    def kept(self, form: str, field: str, otherwise: str = "") -> str:
        """What was typed there; otherwise what the page itself would put there."""
        return self.typed.get(field, otherwise) if form == self.form else otherwise


NO_TROUBLE = Trouble("", 200, "", "", {})


def trouble(form: str, error: AskedError, typed: dict[str, str], field: str = "") -> Trouble:
    """field: where an error belongs that names none."""
    status = 404 if isinstance(error, UnknownError) else 422
    if isinstance(error, ConflictError):
        status = 409
    if isinstance(error, InvalidError):
        field = error.field
    return Trouble(form, status, field, _sentence(str(error)), typed)


def _sentence(text: str) -> str:
    """Without the name of the field, beside which it stands: "name: 1 to 80 letters ..."."""
    field, colon, rest = text.partition(": ")
    said = rest if colon and " " not in field else text
    return said[:1].upper() + said[1:]
