"""`sampled`: a person is asked for a share of the items, chosen by a keyed hash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.draw import (
    QA_SAMPLE,
    Salt,
    checked_item,
    checked_purpose,
    draw,
    salt_of,
)
from langgraph_hitl.triggers.number import checked_fraction, shown
from langgraph_hitl.triggers.source import Source, source_of
from langgraph_hitl.triggers.trigger import Leaf, Trigger


def sampled(
    rate: float,
    *,
    item_id: str | Callable[[Any], str] | Source,
    salt: str | bytes | Salt,
    purpose: str = QA_SAMPLE,
) -> Trigger:
    """A person is asked for a share `rate` of the items, as a keyed hash of their ids draws them.

    Args:
        rate: From 0 to 1. The same salt and purpose at a lower rate draw a part of the same items.
        item_id: A state key, a path into it (`item.id`), or a function of the state. The id comes
            before the content and does not depend on it, so that an item that runs again or comes
            back revised is drawn the same. Ids are compared exactly, byte by byte: `a` and `a `,
            and an accented letter composed or decomposed, are different items. One that is missing,
            blank, no text or longer than 1,000 characters asks a person.
        salt: The secret of the deployment; its name is recorded.
        purpose: Samples for different purposes are independent of each other.

    The finding has the draw, the rate, the item's id and the salt's name in its `details`.

    >>> sample = sampled(0.25, item_id="id", salt="0123456789abcdef")
    >>> sample({"id": "item-1"}).sentence, sample({"id": "item-3"}).needed
    ('Drawn for the sample of 25 %.', False)
    """
    share = checked_fraction(rate, "rate")
    secret = salt_of(salt)
    checked_purpose(purpose)

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        item = checked_item(values["item_id"])
        number = draw(item, salt=secret, purpose=purpose)
        drawn = number < share
        return Finding(
            needed=drawn,
            sentence=f"{'Drawn' if drawn else 'Not drawn'} for the sample of {100 * share:.12g} %.",
            details={
                "item_id": item,
                "draw": number,
                "rate": share,
                "salt": secret.name,
                "purpose": purpose,
            },
        )

    source = source_of(item_id, "item_id")
    return Leaf(
        name="sampled",
        judge=judge,
        sources={"item_id": source},
        options=f"{shown(share)}, salt={secret.name!r}",
    )
