"""Hypothesis strategies for descriptions of checkpoints, whole and broken."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from tests.strategies import SCALARS

Data = st.SearchStrategy[Any]
Way = tuple[str | int, ...]

SALT = "HITL_TEST_SALT"
"""The environment variable with the salt of these descriptions."""

PATHS = ("draft", "score", "item.id", "results.0.risk")
FRACTIONS = st.sampled_from([0, 0.1, 0.8, 1, 1e-9])
NUMBERS = st.sampled_from([0, 10, -2.5, 1e16, 2**70])
LEVELS = st.sampled_from(["low", "medium", "high", "critical"])
PATH = st.sampled_from(PATHS)
TEXTS = st.sampled_from(["yes", "no", "on", "1", "null", "a: b", "# x", "ä\n€", "- c", "{}", "~"])


def one_or_more(item: Data) -> Data:
    return item | st.lists(item, min_size=1, max_size=3, unique=True)


def options(required: dict[str, Data], optional: dict[str, Data]) -> Data:
    return st.fixed_dictionaries(required, optional=optional)


def under(name: str, inner: Data) -> Data:
    return inner.map(lambda given: {name: given})


@st.composite
def complexity(draw: st.DrawFn) -> Any:
    """Weights are numbers for some of the factors, and sum to something."""
    names = draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True))
    found: dict[str, Any] = {"threshold": draw(FRACTIONS)}
    if draw(st.booleans()):
        found["factors"] = {name: draw(PATH) for name in names}
    if draw(st.booleans()):
        found["weights"] = {name: draw(st.sampled_from([1, 0.5, 3])) for name in names}
    return found


HOURS: Data = options(
    {
        "spans": one_or_more(st.sampled_from(["Mon-Fri 09:00-17:00", "Sat,Sun", "22:00-06:00"])),
        "tz": st.sampled_from(["UTC", "Europe/Berlin"]),
    },
    {},
)
LEAF: Data = st.one_of(
    st.sampled_from(["always", "never"]),
    under("below_confidence", FRACTIONS),
    under("below_confidence", options({"threshold": FRACTIONS}, {"confidence": PATH})),
    under("risk_at_least", LEVELS | FRACTIONS),
    under("risk_at_least", options({"threshold": LEVELS | FRACTIONS}, {"risk": PATH})),
    under("complexity_above", FRACTIONS),
    under("complexity_above", complexity()),
    under("flagged", one_or_more(PATH)),
    under(
        "sampled",
        options(
            {"rate": FRACTIONS, "item_id": PATH, "salt_env": st.just(SALT)},
            {"purpose": st.sampled_from(["audit", "qa-2"])},
        ),
    ),
    under("over", options({"field": PATH, "limit": NUMBERS}, {})),
    under("during", HOURS),
    under("outside", HOURS),
)


def _combined(inner: Data) -> Data:
    several = st.lists(inner, min_size=1, max_size=3)
    return under("all", several) | under("any", several) | under("not", inner)


TRIGGERS: Data = st.recursive(LEAF, _combined, max_leaves=5)

_SHARED: dict[str, Data] = {
    "stage": st.sampled_from(["before_execution", "after_planning", "before_commit"]),
    "action": TEXTS,
    "context": one_or_more(PATH),
    "required_context": one_or_more(PATH),
    "criteria": one_or_more(TEXTS),
    "when": TRIGGERS,
}
_OFFERED = st.lists(TEXTS, min_size=2, max_size=4, unique=True)
_DECISIONS = st.sampled_from(["approve", "edit", "reject", "revise", "respond"])

ABOUT_SUBJECT: Data = options(
    {"name": TEXTS, "subject": st.just("draft")},
    {**_SHARED, "answer": st.just("yes_no"), "allowed_decisions": one_or_more(_DECISIONS)},
)
CHOICES: Data = options(
    {
        "name": TEXTS,
        "question": TEXTS,
        "answer": under("choose_one", _OFFERED) | under("choose_several", _OFFERED),
    },
    {**_SHARED, "into": PATH, "allowed_decisions": st.just(["choose", "reject"])},
)
FREE_FORM: Data = options(
    {"name": TEXTS, "question": TEXTS, "answer": st.just("free_form")},
    {**_SHARED, "into": PATH, "allowed_decisions": st.just("respond")},
)
CHECKPOINTS: Data = ABOUT_SUBJECT | CHOICES | FREE_FORM

_WORDS = st.sampled_from(
    "always never yes_no free_form any when name over high review stage threshold ..".split()  # noqa: SIM905
)
JUNK: Data = st.one_of(
    SCALARS,
    _WORDS,
    TRIGGERS,
    st.sampled_from([[], {}, [None], [[]], {"": 1}, {"all": []}, "", "  ", True, float("inf")]),
)


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A description that something happened to; now and then it is still a good one."""
    data = copy.deepcopy(draw(CHECKPOINTS))
    for _ in range(draw(st.integers(1, 2))):
        ways = list(_ways(data))
        change = draw(st.sampled_from([_replace, _remove, _rename, _add, _wrap]))
        data = change(draw, data, draw(st.sampled_from(ways)))
    return data


def _ways(data: Any, way: Way = ()) -> Iterator[Way]:
    yield way
    if isinstance(data, dict | list):
        for step, inner in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _ways(inner, (*way, step))


def _changed(data: Any, way: Way, change: Callable[[Any], Any]) -> Any:
    if not way:
        return change(data)
    step, *rest = way
    data[step] = _changed(data[step], tuple(rest), change)
    return data


def _parent(data: Any, way: Way) -> Any:
    for step in way[:-1]:
        data = data[step]
    return data


def _replace(draw: st.DrawFn, data: Any, way: Way) -> Any:
    junk = draw(JUNK)
    return _changed(data, way, lambda _: junk)


def _remove(_draw: st.DrawFn, data: Any, way: Way) -> Any:
    if way:
        del _parent(data, way)[way[-1]]
    return data


def _rename(draw: st.DrawFn, data: Any, way: Way) -> Any:
    parent = _parent(data, way)
    if way and isinstance(parent, dict):
        old = str(way[-1])
        new = draw(_WORDS | st.sampled_from([old[:-1], old + "s", old.upper(), old.strip("_")]))
        parent[new] = parent.pop(way[-1])
    return data


def _add(draw: st.DrawFn, data: Any, way: Way) -> Any:
    extra, word = draw(JUNK), draw(_WORDS)

    def change(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {**inner, word: extra}
        return [*inner, extra] if isinstance(inner, list) else inner

    return _changed(data, way, change)


def _wrap(draw: st.DrawFn, data: Any, way: Way) -> Any:
    word = draw(_WORDS)
    return _changed(data, way, draw(st.sampled_from([lambda x: [x], lambda x: {word: x}])))
