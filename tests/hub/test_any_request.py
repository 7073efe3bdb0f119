"""Whatever the API's own document allows to send, and much that it does not, sent by every role.

Nothing is answered to who may not ask, and nothing breaks. N in the environment sends more.
"""

import contextlib
from collections.abc import Iterator

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from hub.access.roles import HOUSEHOLD, ROWS
from hub.access.who import ADMIN, CUSTOMER, ROLES
from hub.api.permit import NOT_SIGNED_IN
from tests.conftest import many
from tests.hub.house import House

_STREAMS = ("/api/changes", "/api/me/changes")
_settings = settings(
    max_examples=many(1),
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    house = House()
    with TestClient(house.app):
        yield house


def _operations(house: House) -> dict[str, schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_dict(house.app.openapi())
    found = (one.ok() for one in schema.get_all_operations())
    made = {f"{one.method.upper()} {one.path}": one for one in found if one.path not in _STREAMS}
    return dict(sorted(made.items()))


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_sent_nothing_breaks_and_nothing_is_answered_to_who_may_not(house, mode):
    operations = _operations(house)
    assert len(operations) > 50
    client = TestClient(house.app, raise_server_exceptions=False, follow_redirects=False)
    for route, operation in operations.items():
        cases = operation.as_strategy(generation_mode=mode)
        for role in _roles(mode):
            _ask(house, client, route, cases, role)


def _roles(mode: GenerationMode) -> tuple[str, ...]:
    """What is wrong is refused before roles differ: two are enough at first."""
    if mode is GenerationMode.NEGATIVE and many(1) == 1:
        return ADMIN, CUSTOMER
    return *ROLES, "nobody"


def _ask(house: House, client: TestClient, route: str, cases, role: str) -> None:
    @_settings
    @given(case=cases, own=st.booleans())
    def ask(case, own) -> None:
        house.furnish()  # the one before may have forgotten somebody
        people = {"customer": house.ana if own else house.ben, "device": "lamp-1"}
        case.path_parameters = {
            name: people.get(name, value) for name, value in case.path_parameters.items()
        }
        sent = case.as_transport_kwargs(base_url="http://testserver")
        headers = house.headers(role) if role != "nobody" else {}
        sent["headers"] = {**sent.get("headers", {}), **headers}
        _check(route, role, client.request(**_plain(sent)))

    with contextlib.suppress(Unsatisfiable):  # there is nothing that could be wrong with it
        ask()


def _plain(sent: dict) -> dict:
    """As this client takes it."""
    sent.pop("cookies", None)
    data = sent.pop("data", None)
    return sent | ({"content": data} if data is not None else {})


def _check(route: str, role: str, answer) -> None:
    row = ROWS[route]
    assert answer.status_code < 500, (route, role, answer.text)
    if role == "nobody":
        assert row.everybody or NOT_SIGNED_IN in answer.text, route
    elif role not in row.roles and not (role == CUSTOMER and HOUSEHOLD in row.roles):
        assert row.everybody or answer.status_code in (403, 404, 405, 422), (route, role)
        assert answer.status_code != 200
