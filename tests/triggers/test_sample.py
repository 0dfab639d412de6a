"""`sampled`: the same item, the same draw; what has no id is looked at."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import Salt, draw, sampled
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, condition, found

KEY = "0123456789abcdef"
SECRET = Salt(b"0123456789abcdef", name="2026")


def test_the_finding_keeps_the_draw_the_rate_the_id_and_the_name_of_the_salt() -> None:
    trigger = sampled(0.25, item_id="item.id", salt=SECRET)
    assert found(trigger, item={"id": "item-1"}).to_json() == {
        "needed": True,
        "sentence": "Drawn for the sample of 25 %.",
        "trigger": "sampled",
        "details": {
            "item_id": "item-1",
            "draw": 0.24935732116883502,
            "rate": 0.25,
            "salt": "2026",
            "purpose": "qa-sample-v1",
        },
    }
    assert found(trigger, item={"id": "item-3"}).sentence == "Not drawn for the sample of 25 %."


@pytest.mark.parametrize(
    ("rate", "share"),
    [(0.1, "10 %"), (0.07, "7 %"), (0.29, "29 %"), (1 / 3, "33.3333333333 %"), (1e-7, "1e-05 %")],
)
def test_the_rate_is_written_as_a_percentage(rate: float, share: str) -> None:
    sentence = found(sampled(rate, item_id="id", salt=KEY), id="item-3").sentence
    assert sentence.endswith(f"rawn for the sample of {share}.")


def test_an_item_is_drawn_below_the_rate_and_not_at_it() -> None:
    number = draw("item-1", salt=KEY)
    for rate, needed in ((number, False), (math.nextafter(number, 1), True)):
        assert found(sampled(rate, item_id="id", salt=KEY), id="item-1").needed is needed


@given(st.text(min_size=1).filter(str.strip))
def test_all_or_none(item: str) -> None:
    if "\x00" in item:
        return
    assert found(sampled(1, item_id="id", salt=KEY), id=item).needed is True
    assert found(sampled(0, item_id="id", salt=KEY), id=item).needed is False


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (None, "The item id is missing."),
        ("", "The item id is blank."),
        (" \n", "The item id is blank."),
        (5, "The item id is 5, which is not a text."),
        (True, "The item id is True, which is not a text."),
        (b"item-1", "The item id is b'item-1', which is not a text."),
        ({"id": 5}, "The item id is {'id': 5}, which is not a text."),
        ("a\x00", "The item id has characters that cannot be stored."),
        ("\ud800", "The item id has characters that cannot be stored."),
    ],
)
def test_what_is_no_id_asks_a_person_in_plain_words(item: Any, sentence: str) -> None:
    for trigger in (sampled(0, item_id="id", salt=KEY), ~sampled(1, item_id="id", salt=KEY)):
        finding = found(trigger, id=item)
        assert finding.needed is True
        assert finding.sentence == sentence


def test_an_absent_id_asks_a_person() -> None:
    assert found(sampled(0, item_id="item.id", salt=KEY)).sentence == "The item id is missing."


@given(ANYTHING)
@settings(max_examples=scale(2_000), deadline=None)
def test_nothing_passes_but_a_text_that_was_not_drawn(item: Any) -> None:
    finding = found(sampled(0.5, item_id="id", salt=KEY), id=item)
    if not finding.needed:
        assert isinstance(item, str)
        assert draw(item, salt=KEY) >= 0.5


def test_text_and_bytes_are_the_same_salt_and_purposes_are_not() -> None:
    details = [
        found(sampled(0.1, item_id="id", salt=salt, purpose=purpose), id="item-1").details
        for salt, purpose in ((KEY, "qa"), (KEY.encode(), "qa"), (KEY, "second"))
    ]
    assert details[0] == details[1]
    assert details[2] is not None
    assert details[2]["draw"] != (details[0] or {})["draw"]


def test_the_secret_is_in_no_finding_and_the_name_is() -> None:
    trigger = sampled(0.5, item_id="id", salt=SECRET)
    for item in ("item-1", "item-3", None, 5):
        finding = found(trigger & ~trigger, id=item)
        assert KEY not in json.dumps(finding.to_json())
        assert KEY not in repr(finding)
    assert KEY not in repr(trigger) + repr(trigger.__class__) + str(trigger)
    assert "salt='2026'" in repr(trigger)


def test_an_item_is_not_drawn_again_for_a_new_version() -> None:
    assert condition(sampled(0.5, item_id="item.id", salt=KEY)).later_keys == frozenset()


@pytest.mark.parametrize("rate", [-0.1, 1.1, 10, math.nan, True, None, "0.1"])
def test_the_rate_is_a_number_from_0_to_1(rate: Any) -> None:
    with pytest.raises(GateError, match="rate must be a number from 0 to 1, not "):
        sampled(rate, item_id="id", salt=KEY)


@pytest.mark.parametrize("salt", [None, "", b"", " ", 5, "x" * 65])
def test_the_salt_is_checked_when_the_trigger_is_made(salt: Any) -> None:
    with pytest.raises(GateError, match="salt"):
        sampled(0.1, item_id="id", salt=salt)


@pytest.mark.parametrize("purpose", ["", "a purpose that is too long", None])
def test_the_purpose_is_checked_when_the_trigger_is_made(purpose: Any) -> None:
    with pytest.raises(GateError, match="purpose"):
        sampled(0.1, item_id="id", salt=KEY, purpose=purpose)


@pytest.mark.parametrize("item_id", [None, 5, "", "a..b", "review.id"])
def test_the_source_of_the_id_is_checked_and_named(item_id: Any) -> None:
    with pytest.raises(GateError, match="item_id"):
        sampled(0.1, item_id=item_id, salt=KEY)


def test_a_very_long_id_asks_and_is_not_kept() -> None:
    sample = sampled(0, item_id="id", salt=KEY)
    longest = found(sample, id="x" * 1_000)
    assert longest.needed is False
    assert longest.details is not None
    assert longest.details["draw"] == draw("x" * 1_000, salt=KEY)
    for item in ("x" * 1_001, " " * 3_000_000):
        finding = found(sample, id=item)
        assert finding.needed is True
        assert finding.sentence.startswith(f"The item id is too long (it has {len(item)} charac")
        assert len(json.dumps(finding.to_json())) < 500


@pytest.mark.parametrize(("one", "other"), [("a", "a "), ("\u00e9", "e\u0301"), ("a", "A")])
def test_ids_are_compared_byte_by_byte(one: str, other: str) -> None:
    sample = sampled(0.5, item_id="id", salt=KEY)
    findings = [found(sample, id=item).details or {} for item in (one, other)]
    assert [details["item_id"] for details in findings] == [one, other]
    assert findings[0]["draw"] != findings[1]["draw"]
