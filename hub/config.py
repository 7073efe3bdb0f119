"""The hub's settings: from the environment, each as RAPPORT_<NAME>, all with a default."""

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_PRODUCTS = Path(__file__).resolve().parent.parent / "firmware" / "products"


class Settings(BaseSettings):
    """Raises pydantic.ValidationError naming what is wrong. Paths are relative to where it runs."""

    model_config = SettingsConfigDict(env_prefix="RAPPORT_")

    data: Path = Path("rapport-data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    broker: str | None = None
    """Host of a broker of your own; without one the hub starts its own."""
    broker_port: int = Field(default=8883, ge=0, le=65535)
    timezone: str = "UTC"
    products: list[Path] = [_PRODUCTS]

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (OSError, ValueError):
            raise ValueError(f"{name!r} is no time zone like Europe/Berlin") from None
        return name
