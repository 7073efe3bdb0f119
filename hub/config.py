"""The hub's settings: from the environment, each as RAPPORT_<NAME>, all with a default."""

import re
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.access.oidc import Provider
from hub.access.who import CUSTOMER, ROLES
from hub.learning.beginning import FEWEST, Options
from hub.privacy.retention import Periods

_PRODUCTS = Path(__file__).resolve().parent.parent / "firmware" / "products"


def _days(usual: int) -> Any:
    return Field(default=usual, ge=1, le=36_500)


class Settings(BaseSettings):
    """Raises pydantic.ValidationError naming what is wrong. Paths are relative to where it runs."""

    model_config = SettingsConfigDict(env_prefix="RAPPORT_")

    data: Path = Path("rapport-data")
    """Everything that the hub keeps is below this folder."""
    master_key: SecretStr | None = None
    """Wraps the keys of the store, 64 hex digits; without it the file keys/master below `data`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    """0 is any free one."""
    store: SecretStr | None = None
    """postgresql://USER:PASSWORD@HOST/NAME, for several workers; else the folder of `data`."""
    store_keys: SecretStr | None = None
    """The database of the keys, best another one; without it they are beside the documents."""
    broker: str | None = None
    """Host of an MQTT broker of your own, or nats://HOST,HOST,HOST for the nodes of a NATS cluster.

    Without one the hub starts its own.
    """
    broker_users: Path | None = None
    """The folder that those nodes read, and all workers write; without it nodes below `data`."""
    broker_port: int = Field(default=8883, ge=0, le=65535)
    broker_listen: str = "127.0.0.1"
    """Where the hub's own broker listens: 0.0.0.0 for devices of the whole network."""
    broker_names: tuple[str, ...] = ()
    """The names and addresses by which devices reach it, as ["hub.example.org"]."""
    origin: str = ""
    """How browsers reach the hub from elsewhere, as https://rapport.example.org."""
    security_contact: str = ""
    """Where a weakness is reported, for /.well-known/security.txt: mailto: or https:."""
    log: Literal["text", "json"] = "text"
    """json: one line of JSON for each record, on standard error."""
    oidc_issuer: str = ""
    """Where staff have accounts at the firm, as https://sso.example.org; see hub/access/oidc.py."""
    oidc_client: str = "rapport"
    oidc_secret: SecretStr = SecretStr("")
    oidc_claim: str = "groups"
    oidc_roles: dict[str, str] = {}
    """Which group has which role: {"service-desk": "support"}."""
    timezone: str = "UTC"
    """Where its customers live, like Europe/Berlin."""
    products: list[Path] = [_PRODUCTS]
    """Folders of products: each has a product.json."""
    keep_events_days: int = _days(400)
    """What happened can be undone and replayed so long; then only its sum is kept."""
    keep_timeline_days: int = _days(400)
    keep_wishes_days: int = _days(400)
    keep_notes_days: int = _days(90)
    """Of how devices are."""
    keep_audit_days: int = _days(1095)
    """Who looked at whom."""
    keep_untouched_days: int = _days(400)
    """What is known of someone's use of a product that they have not used since."""

    hooks: Path | None = None
    """A file of systems that are told of messages, see hub/relation/hooks.py."""
    homes: Path | None = None
    """A file of homes whose Home Assistant shows their devices, see hub/neighbours/homes.py."""

    cohort: bool = False
    """Devices begin with what most of the customers use who agreed to be counted together."""
    presets: bool = True
    """Devices learn with the preset that fits these best."""
    fewest_customers: int = Field(default=FEWEST, ge=FEWEST, le=10_000)
    """Nothing is said or made of fewer."""

    def together(self) -> Options:
        return Options(self.cohort, self.presets, self.fewest_customers)

    def provider(self) -> Provider | None:
        """Where staff sign in at the firm, if they do."""
        if not self.oidc_issuer:
            return None
        secret = self.oidc_secret.get_secret_value()
        return Provider(
            self.oidc_issuer, self.oidc_client, secret, self.oidc_roles, self.oidc_claim
        )

    def periods(self) -> Periods:
        return Periods(
            self.keep_events_days,
            self.keep_timeline_days,
            self.keep_wishes_days,
            self.keep_notes_days,
            self.keep_untouched_days,
            self.keep_audit_days,
        )

    @field_validator("oidc_roles")
    @classmethod
    def _roles(cls, roles: dict[str, str]) -> dict[str, str]:
        for role in roles.values():
            if role not in ROLES or role == CUSTOMER:
                raise ValueError(f"{role!r} is no role of staff, as support or fleet")
        return roles

    @field_validator("origin")
    @classmethod
    def _without_path(cls, origin: str) -> str:
        if origin and not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", origin):
            raise ValueError(f"{origin!r} is no origin like https://rapport.example.org")
        return origin

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (OSError, ValueError):
            raise ValueError(f"{name!r} is no time zone like Europe/Berlin") from None
        return name
