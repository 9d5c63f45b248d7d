"""Which dead letters are meant: what a replay, a list and the groups select by. Every field that is given must hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

MOST_LETTERS = 1_000

Word = Annotated[str, StringConstraints(max_length=500)]


class LetterFilter(BaseModel):
    """Nothing given: all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    letter_ids: list[Word] = Field(default_factory=list, max_length=MOST_LETTERS, description="these letters only")
    code: Word | None = Field(None, description="with this code")
    source: Word | None = Field(None, description="of this source; '' where the record named none")
    fingerprint: Word | None = Field(None, description="with this fingerprint, as the groups say it")
    event_id: Word | None = Field(None, description="of the event with this id")
    origin: Annotated[str, StringConstraints(pattern="^(ingest|recorder)$")] | None = Field(
        None, description="refused by ingest or by the recorder"
    )
    begin: AwareDatetime | None = Field(None, alias="from", description="received at this time or later")
    end: AwareDatetime | None = Field(None, alias="to", description="received before this time")
    topic: Word | None = Field(None, description="whose record lies in this topic")
    partition: int | None = Field(None, ge=0, le=65_535, description="in this partition of it")
    offset: int | None = Field(None, ge=0, le=2**63 - 1, description="at this offset of it")
