"""Which submission a gate joins: the newest of its own that came before it, and nobody has joined.

A gate's place is the list of the graphs around it, from the root inwards, each by the namespace of
the task that it is and the checkpoint that it stands at. Both are the same when a killed gate runs
again, and checkpoints of one graph are in order; so what came before does not depend on timing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, TypeAlias

from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.inbox.review import Review

Place: TypeAlias = list[list[str]]

_KEY = "submitted"


def mark(spec: GateSpec, question: dict[str, Any], place: Place) -> dict[str, Any]:
    """What is filed, with what its join looks for."""
    return {**question, _KEY: {"tag": tag_of(spec), "place": place}}


def tag_of(spec: GateSpec) -> list[str]:
    """What a submission and its join have in common."""
    assert spec.submission is not None
    return list(spec.submission.tag)


def choices(
    unjoined: Iterable[Review],
    contents: Callable[[list[Review]], list[Review]],
    spec: GateSpec,
    place: Place,
    digest: Callable[[], str | None],
) -> Iterator[Review]:
    """The submissions that a gate at `place` may join, the best first.

    That is the newest; of several from one superstep of the root graph, by `Send`, one about the
    very value that the gate's own branch holds. `unjoined` starts with the newest root checkpoint;
    contents are read as far as needed.
    """
    for _, group in groupby(unjoined, key=lambda review: review.root_checkpoint):
        mine = [each for each in contents(list(group)) if _is_mine(each, spec, place)]
        if not mine:
            continue
        here = digest() if len(mine) > 1 else None
        yield from sorted(mine, key=lambda each: (each.digest == here, _age(each), each.id))[::-1]


def came_before(submitted: Place, joins: Place) -> bool:
    """Whether a submission came before a join, whatever ran faster.

    >>> came_before([["", "1"], ["desk:a", "5"]], [["", "2"]])
    True
    >>> came_before([["", "1"], ["desk:a", "5"]], [["", "1"], ["desk:b", "6"]])
    False
    """
    common = None
    for (name, checkpoint), (other, later) in zip(submitted, joins, strict=False):
        if name != other:
            break
        common = checkpoint < later
    return bool(common)


def _is_mine(review: Review, spec: GateSpec, place: Place) -> bool:
    found = (review.question or {}).get(_KEY)
    return found is not None and found["tag"] == tag_of(spec) and came_before(found["place"], place)


def _age(review: Review) -> list[str]:
    assert review.question is not None
    return [checkpoint for _, checkpoint in review.question[_KEY]["place"]]
