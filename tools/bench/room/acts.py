"""What a page may ask of the room, and how each is done."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.bench.room.state import Room

_Name = Annotated[str, Field(max_length=64)]
_Cm = Annotated[float, Field(ge=-10_000, le=10_000, allow_inf_nan=False)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Walk(_Asked):
    act: Literal["walk"]
    who: _Name
    x: _Cm
    y: _Cm


class Turn(_Asked):
    act: Literal["turn"]
    device: _Name
    detents: Annotated[int, Field(ge=-40, le=40)]


class Press(_Asked):
    act: Literal["press"]
    device: _Name
    button: _Name


class Cable(_Asked):
    """on False: pulled."""

    act: Literal["power", "wifi"]
    device: _Name
    on: bool


class Hub(_Asked):
    act: Literal["hub"]
    on: bool


class Pass(_Asked):
    act: Literal["pass"]
    what: Literal["minutes", "hour", "morning"]


Act = Annotated[Walk | Turn | Press | Cable | Hub | Pass, Field(discriminator="act")]


async def carry_out(room: Room, asked: Act) -> None:
    """RefusedError, BoardError or WaitError with a sentence if it cannot be."""
    if isinstance(asked, Walk):
        room.walk(asked.who, asked.x, asked.y)
    elif isinstance(asked, Turn):
        room.turn(asked.device, asked.detents)
    elif isinstance(asked, Press):
        await room.press(asked.device, asked.button)
    elif isinstance(asked, Cable):
        await (room.power if asked.act == "power" else room.wifi)(asked.device, asked.on)
    elif isinstance(asked, Hub):
        await room.hub(asked.on)
    else:
        await room.let_pass(asked.what)
