"""`Template`: approved beforehand, under a version, until its last day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.policies import Equal, Max, Min, Template, matches, where
from langgraph_hitl.triggers import flagged

LAST = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)


def template(**options: Any) -> Template:
    given: dict[str, Any] = {
        "name": "small",
        "version": 2,
        "owner": "finance",
        "expires": "2026-12-31",
        "matches": {"kind": Equal("refund"), "amount": (Min(1), Max(50))},
    }
    return Template(**given | options)


def test_name_and_version_are_in_the_finding() -> None:
    finding = matches(template())({"kind": "refund", "amount": 20}, at=LAST)
    assert finding.needed is True
    assert finding.trigger == "matches"
    assert finding.details == {
        "template": "small",
        "version": "2",
        "owner": "finance",
        "expires": "2026-12-31",
    }


def test_everything_else_is_asked_and_the_finding_says_what_does_not_match() -> None:
    unusual = ~matches(template())
    assert unusual({"kind": "refund", "amount": 20}, at=LAST).needed is False
    finding = unusual({"kind": "refund", "amount": 0}, at=LAST)
    assert finding.needed is True
    assert finding.sentence == (
        "No match with the template 'small' (version 2): The amount 0 is not at least 1."
    )


@pytest.mark.parametrize("amount", [20, 70])
def test_an_expired_one_asks_wherever_it_stands(amount: int) -> None:
    values = {"kind": "refund", "amount": amount, "legal": False}
    one = matches(template())
    for trigger in (one, ~one, one & flagged("legal"), ~(one | flagged("legal"))):
        finding = trigger(values, at=END)
        assert finding.needed is True
        assert "The template 'small' (version 2) of finance expired: 2026-12-31." in (
            finding.sentence
        )


@given(st.timedeltas(timedelta(days=-3), timedelta(days=3)), st.integers(-14, 14))
def test_it_ends_with_its_last_day_by_utc_wherever_the_clock_is(
    offset: timedelta, hours: int
) -> None:
    moment = (END + offset).astimezone(timezone(timedelta(hours=hours)))
    assert template().expired(moment) is (offset >= timedelta(0))
    assert template(expires=END).expired(moment) is (offset >= timedelta(0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": " "}, "the name of a template must be a text that is not blank"),
        ({"name": "a\nb"}, "the name of a template must be one line"),
        ({"version": 1.5}, "template 'small': version must be a text or a whole number"),
        ({"owner": None}, "template 'small': owner must be a text"),
        ({"expires": None}, "template 'small': expires must be a date such as"),
        ({"expires": datetime(2026, 1, 1)}, "expires must be a date such as"),
        ({"matches": {}}, "template 'small': a pattern maps state keys to bounds"),
        ({"matches": {"amount": 50}}, "template 'small': amount: a bound is Equal, In, Min"),
        ({"matches": {"amount": ()}}, "template 'small': amount: has no bound"),
        ({"matches": {"a b": Max(5)}}, "'a b' is no state key"),
        ({"matches": {"reviews": Max(5)}}, "never reads the records"),
    ],
)
def test_one_that_is_not_whole_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GateError, match=message):
        template(**options)


def test_only_templates_are_matched() -> None:
    with pytest.raises(GateError, match="matches takes a Template, not 'small'"):
        matches("small")  # type: ignore[arg-type]  # what is refused


def test_all_dates_are_taken() -> None:
    assert not template(expires=date.max).expired(datetime(9999, 12, 30, tzinfo=UTC))


def test_where_reads_every_value() -> None:
    tried = where({"amount": Max(50), "kind": Equal("refund")})
    assert tried({"amount": 70, "kind": None}).sentence == "The kind is missing."
