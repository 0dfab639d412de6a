"""Whatever happens to a policy file, nothing passes that its text would not let pass."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from langgraph_hitl._data.yaml_text import read_yaml
from langgraph_hitl.errors import GateError
from langgraph_hitl.policies import Pass, Policy, policy_from
from tests.policies.reference import passes
from tests.scale import scale

TEXT = (Path(__file__).parent.parent / "fixtures" / "policy.yaml").read_text(encoding="utf-8")
WITHOUT_CASES = TEXT[: TEXT.index("cases:\n")]
DATA: dict[str, Any] = read_yaml(TEXT)[0]
AT = datetime(2030, 7, 1, 12, tzinfo=UTC)
LATER = datetime(2030, 11, 1, tzinfo=UTC)  # one of the two templates has expired

VALUES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["refund", "credit", "", None, 5, True]),
        "amount": st.sampled_from([0.5, 1, 20, 50, 50.01, 1000, 1001, -1, math.nan, "20", None]),
        "country": st.sampled_from(["DE", "FR", "IT", "de", None, False]),
        "disputed": st.sampled_from([False, False, True, None, "no"]),
        "chargebacks": st.sampled_from([0, 0, 2, 3, math.inf, "0"]),
        "new_customer": st.sampled_from([False, False, True, 0]),
        "departure": st.sampled_from(["2030-06-01", "2030-07-15", "2030-09-01", "soon", 20300701]),
        "price": st.sampled_from([1, 300, 300.5, None]),
        "class": st.sampled_from(["economy", "premium", "first", 2]),
        "insured": st.sampled_from([True, True, False, "yes"]),
    },
)
USUAL: dict[str, Any] = DATA["cases"][0]["values"]
CASES = st.builds(lambda given: USUAL | given, VALUES) | VALUES


def loaded(given: Any) -> Policy | None:
    """The policy, or None where the package refuses it with its own error."""
    try:
        return policy_from(given, at=AT)
    except GateError:
        return None


def lets_pass(policy: Policy, values: Any, at: datetime) -> bool:
    return isinstance(policy.decide(values, at), Pass)


@given(CASES, st.sampled_from([AT, LATER]))
@settings(max_examples=scale(2_000), deadline=None)
def test_the_file_as_it_is_says_what_the_reference_says(values: Any, at: datetime) -> None:
    policy = loaded(DATA)
    assert policy is not None
    assert lets_pass(policy, values, at) is passes(DATA, values, at)


def test_a_file_that_ends_too_early_lets_nothing_more_pass() -> None:
    cases = [each["values"] for each in DATA["cases"]]
    before = [passes(DATA, values, AT) for values in cases]
    read = 0
    for end in range(len(WITHOUT_CASES)):
        policy = loaded(WITHOUT_CASES[:end])
        if policy is not None:
            read += 1
            after = [lets_pass(policy, values, AT) for values in cases]
            assert all(old or not new for old, new in zip(before, after, strict=True)), end
    assert read > 20  # such as those that end between two rules


@given(st.integers(0, len(TEXT)), CASES)
@settings(max_examples=scale(500), deadline=None)
def test_so_for_any_case_and_with_the_cases_in_the_file(end: int, values: Any) -> None:
    policy = loaded(TEXT[:end])
    if policy is not None and lets_pass(policy, values, AT):
        assert passes(DATA, values, AT)


def swaps() -> Iterator[Any]:
    """Each operator of the rules in the place of another one that stands in the same place."""
    families = (
        ("min", "max", "equal", "in", "from", "until"),
        ("all", "any", "not"),
        ("over", "flagged", "matches", "where"),
        ("ask", "pass"),
        ("DE", "IT"),
        ("economy", "first"),
        ("true", "false"),
        ("50", "500"),
        ("1000", "10000"),
        ("300", "3000"),
        ("disputed", "credited"),
        ("small refund", "season"),
        ("2030-06-01", "2030-01-01"),
        ("2030-08-31", "2030-12-31"),
    )
    for family in families:
        for word in family:
            for found in re.finditer(rf"(?<![\w.-]){word}(?![\w.-])", WITHOUT_CASES):
                for other in family:
                    if other != word:
                        yield found.span(), other


SWAPS = [*swaps()]


@pytest.mark.parametrize(("span", "other"), SWAPS)
def test_a_file_with_another_operator_is_refused_by_its_own_cases(
    span: tuple[int, int], other: str
) -> None:
    start, end = span
    policy = loaded(TEXT[:start] + other + TEXT[end:])
    if policy is not None:
        for each in DATA["cases"]:
            assert passes(DATA, each["values"], AT) or not lets_pass(policy, each["values"], AT)


WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        math.nan,
        10**400,
        "",
        "pass",
        "ask",
        "always",
        "never",
        "refund",
        [],
        ["pass"],
        {},
        {"pass": True},
        {"ask": {}},
        {"ask": None},
        {"not": "never"},
        {"flagged": "disputed"},
        {"over": {"field": "amount", "limit": 5}},
        {"matches": "season"},
        {"where": {"kind": {"equal": "refund"}}},
        {"where": {}},
        {"min": 5},
        {"max": 5},
        "2030-01-01",
        "lambda state: False",
        "__import__('os')",
        "small refund",
        "\ud800",
    ]
)
NAMES = st.sampled_from(
    ["when", "then", "name", "pass", "ask", "all", "any", "not", "min", "max", "in", "equal", "If"]
)


def places(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything inside."""
    items: Any = ()
    if isinstance(data, dict):
        items = data.items()
    elif isinstance(data, list):
        items = enumerate(data)
    for key, value in items:
        yield (*way, key)
        yield from places(value, (*way, key))


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """The description after one to three changes: a value, a field, an item, or two of them."""
    data = copy.deepcopy(DATA)
    del data["cases"]
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(list(places(data))))
        inside = data
        for step in way:
            inside = inside[step]
        match draw(st.sampled_from(["value", "lost", "name", "doubled"])):
            case "value":
                inside[last] = copy.deepcopy(draw(WRONG))
            case "lost":
                del inside[last]
            case "name" if isinstance(inside, dict):
                inside[draw(NAMES)] = inside.pop(last)
            case "doubled" if isinstance(inside, list):
                inside.append(copy.deepcopy(inside[last]))
        assume(data)
    return data


@given(damaged(), st.lists(CASES, min_size=1, max_size=5), st.sampled_from([AT, LATER]))
@settings(max_examples=scale(4_000), deadline=None)
def test_damage_to_a_description_is_an_error_or_means_what_it_says(
    data: Any, cases: list[Any], at: datetime
) -> None:
    policy = loaded(data)
    if policy is not None:
        for values in cases:
            assert lets_pass(policy, values, at) is passes(data, values, at)


MARKS = [*":-#'\"{}[],&*!|>%@`?~ \t\n\\.019\x00é\ud800", "<<", "- ", ": ", "---\n", "  ", "not: "]


@st.composite
def scribbled(draw: st.DrawFn) -> str:
    """The file after a few slips of the keyboard."""
    text = WITHOUT_CASES
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 0, 1, 2, 20]))
        put = draw(st.sampled_from(["", *MARKS]) | st.just(text[start : start + length] * 2))
        text = text[:start] + put + text[start + length :]
    return text


@given(scribbled(), st.lists(CASES, min_size=1, max_size=5))
@settings(max_examples=scale(1_000), deadline=None)
def test_a_slip_of_the_keyboard_is_an_error_or_means_what_it_says(
    text: str, cases: list[Any]
) -> None:
    policy = loaded(text)
    if policy is not None:
        data, _ = read_yaml(f"{text}\n")
        for values in cases:
            assert lets_pass(policy, values, AT) is passes(data, values, AT)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda given: given.decode("latin-1")))
@settings(max_examples=scale(1_000), deadline=None)
def test_any_text_is_an_error(text: str) -> None:
    assert loaded(text) is None


@given(st.recursive(WRONG, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
@settings(max_examples=scale(1_000), deadline=None)
def test_any_data_is_an_error(data: Any) -> None:
    assume(not isinstance(data, str))
    assert loaded(data) is None


def test_a_dict_says_the_same_as_its_json() -> None:
    assert loaded(json.dumps(DATA)) is not None
