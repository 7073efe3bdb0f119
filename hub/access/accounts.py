"""Accounts: how staff and customers prove who they are when they sign in.

    account = accounts.find("sam")                  # by name; customers by e-mail address or id
    accounts.keep(account._replace(password=...))

Staff lie in the vault `staff`. A customer's account lies with everything else of them, so that it
goes with them.
"""

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from hub.access.who import ADMIN, CUSTOMER, ROLES, Who
from hub.errors import ConflictError, InvalidError, UnknownError
from hub.people.customer import vault
from hub.store import Document, Put, Store

STAFF_ROLES = tuple(role for role in ROLES if role != CUSTOMER)

_STAFF, _ACCOUNTS = "staff", "accounts"
_ACCOUNT, _ABOUT = "account", "about"
_LONGEST_NAME = 64
_MOST_STAFF = 1000


class Account(NamedTuple):
    """password: as hub/access/passwords.py made it. passkeys: as hub/access/passkeys.py did.

    handle: what a passkey remembers whose it is by; no name.
    """

    who: Who
    handle: str
    password: str | None = None
    passkeys: tuple[Document, ...] = ()


class Accounts:
    """search(text) finds customers, as hub.profiles.Profiles.search."""

    def __init__(self, store: Store, search: Callable[[str], list[dict[str, Any]]]) -> None:
        self._store, self._search = store, search

    def staff(self) -> list[dict[str, Any]]:
        """[{name, role, passkeys (how many), password (whether)}], by name."""
        return [
            {
                "name": one.who.name,
                "role": one.who.role,
                "passkeys": len(one.passkeys),
                "password": one.password is not None,
            }
            for one in self._all_staff()
        ]

    def find(self, login: str) -> Account | None:
        """Of whoever signs in by this text."""
        login = login.strip()[:254]
        kept = self._store.get(_STAFF, _ACCOUNTS, login.casefold()) if login else None
        if kept:
            return _read(kept)
        return self.of_customer(login) or self._by_email(login)

    def of(self, who: Who) -> Account | None:
        """Of who is signed in; None for who came without an account."""
        if who.role == CUSTOMER:
            return self.of_customer(who.customer)
        kept = self._store.get(_STAFF, _ACCOUNTS, who.name.casefold())
        account = _read(kept) if kept else None
        return account if account and account.who == who else None

    def of_customer(self, customer: str) -> Account | None:
        try:
            kept = self._store.get(vault(customer), _ACCOUNT, _ABOUT)
        except ValueError:  # no id
            return None
        return _read(kept) if kept else None

    def by_handle(self, handle: str) -> Account | None:
        """Of whom a passkey says that it is."""
        found = self.of_customer(handle)
        if found:
            return found
        return next((one for one in self._all_staff() if one.handle == handle), None)

    def begin(self, who: Who) -> Account:
        """An account that proves nothing yet, with the handle that this one always has."""
        if who.role == CUSTOMER:
            return Account(who, who.customer)
        return Account(who, hashlib.sha256(f"staff {who.name.casefold()}".encode()).hexdigest())

    def keep(self, account: Account) -> None:
        """In place of whatever account there was. Durable when it returns."""
        who = account.who
        document = account._asdict() | {"who": list(who), "passkeys": list(account.passkeys)}
        place = (_STAFF, _ACCOUNTS, who.name.casefold())
        if who.role == CUSTOMER:
            place = (vault(who.customer), _ACCOUNT, _ABOUT)
        self._store.commit([Put(*place, document)])

    def remove(self, name: str) -> Account:
        """Of the staff; the last administrator stays."""
        account = self.check_staff(name)
        admins = [one for one in self._all_staff() if one.who.role == ADMIN]
        if admins == [account]:
            raise ConflictError("The last administrator stays: make another one first.")
        self._store.commit([Put(_STAFF, _ACCOUNTS, name.casefold(), None)])
        return account

    def check_staff(self, name: str) -> Account:
        kept = self._store.get(_STAFF, _ACCOUNTS, name.casefold())
        if kept is None:
            raise UnknownError(f"Nobody of the staff is called {name[:40]!r}.")
        return _read(kept)

    def check_new(self, name: str, role: str) -> Who:
        """Who is to be invited to the staff; InvalidError for what is no name or role."""
        if role not in STAFF_ROLES:
            raise InvalidError("role", f"role: one of {', '.join(STAFF_ROLES)} is wanted.")
        if len(self._all_staff()) >= _MOST_STAFF:
            raise ConflictError(f"There are {_MOST_STAFF} of the staff; that is the most.")
        return Who(role, check_name(name))

    def _all_staff(self) -> list[Account]:
        return [_read(kept) for kept in self._store.all(_STAFF, _ACCOUNTS).values()]

    def _by_email(self, login: str) -> Account | None:
        """Only where nobody else has this address."""
        if "@" not in login:
            return None
        found = [one["id"] for one in self._search(login) if _is_email(one["email"], login)]
        return self.of_customer(found[0]) if len(found) == 1 else None


def check_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable() or "/" in name:
        raise InvalidError("name", f"name: 1 to {_LONGEST_NAME} letters are wanted.")
    return name


def _is_email(email: str | None, login: str) -> bool:
    return (email or "").casefold() == login.casefold()


def _read(kept: Document) -> Account:
    who = Who(*kept["who"])
    return Account(who, kept["handle"], kept["password"], tuple(kept["passkeys"]))
