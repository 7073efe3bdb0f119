"""/api/customers/<id>/questions: the small things that were asked, and the one that is open."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.parts import TheParts

router = APIRouter(prefix="/api/customers/{customer}/questions", tags=["relationship"])

Id = Annotated[str, Path(max_length=40)]
Question = Annotated[str, Path(max_length=64)]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answer: Annotated[str, Field(max_length=100)]


@router.get("")
async def asked(parts: TheParts, customer: Id) -> Json:
    """What was asked so far, newest first, and what came of it: open, answered or refused."""
    return Json({"questions": parts.questions.asked(customer)})


@router.post("/next")
async def put(parts: TheParts, customer: Id) -> Json:
    """The open question, or null. Puts the next one if the person's limits let it out now."""
    return Json({"question": parts.questions.open_for(customer)})


@router.post("/{question}/answer", status_code=201)
async def answer(parts: TheParts, customer: Id, question: Question, asked: Answer) -> Json:
    """The person says it; it holds from now on."""
    parts.questions.answer(customer, question, asked.answer)
    return Json({"answered": question}, 201)


@router.post("/{question}/refuse", status_code=201)
async def refuse(parts: TheParts, customer: Id, question: Question) -> Json:
    """They would rather not say, and are not asked again."""
    parts.questions.refuse(customer, question)
    return Json({"refused": question}, 201)
