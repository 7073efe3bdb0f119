"""The hub's settings: from the environment, each as RAPPORT_<NAME>, all with a default."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.beginning import FEWEST, Options
from hub.retention import Periods

_PRODUCTS = Path(__file__).resolve().parent.parent / "firmware" / "products"


def _days(usual: int) -> Any:
    return Field(default=usual, ge=1, le=36_500)


class Settings(BaseSettings):
    """Raises pydantic.ValidationError naming what is wrong. Paths are relative to where it runs."""

    model_config = SettingsConfigDict(env_prefix="RAPPORT_")

    data: Path = Path("rapport-data")
    master_key: SecretStr | None = None
    """Wraps the keys of the store, 64 hex digits; without it the file keys/master below `data`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    broker: str | None = None
    """Host of a broker of your own; without one the hub starts its own."""
    broker_port: int = Field(default=8883, ge=0, le=65535)
    timezone: str = "UTC"
    products: list[Path] = [_PRODUCTS]
    keep_events_days: int = _days(400)
    """What happened can be undone and replayed so long; then only its sum is kept."""
    keep_timeline_days: int = _days(400)
    keep_wishes_days: int = _days(400)
    keep_notes_days: int = _days(90)
    """Of how devices are."""
    keep_untouched_days: int = _days(400)
    """What is known of someone's use of a product that they have not used since."""

    cohort: bool = False
    """Devices begin with what most of the customers use who agreed to be counted together."""
    presets: bool = True
    """Devices learn with the preset that fits these best."""
    fewest_customers: int = Field(default=FEWEST, ge=FEWEST, le=10_000)
    """Nothing is said or made of fewer."""

    def together(self) -> Options:
        return Options(self.cohort, self.presets, self.fewest_customers)

    def periods(self) -> Periods:
        return Periods(
            self.keep_events_days,
            self.keep_timeline_days,
            self.keep_wishes_days,
            self.keep_notes_days,
            self.keep_untouched_days,
        )

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (OSError, ValueError):
            raise ValueError(f"{name!r} is no time zone like Europe/Berlin") from None
        return name
