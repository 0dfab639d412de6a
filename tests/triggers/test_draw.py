"""The keyed hash: the published vectors, the right share, nested samples, and a secret kept."""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers import Salt, draw
from langgraph_hitl.triggers.draw import QA_SAMPLE, checked_purpose, salt_of
from tests.triggers.hostile import ANYTHING

KEY = "0123456789abcdef"
IDS = 200_000
SIGMAS = 5  # a fair draw is off by more once in two million

VECTORS = {
    "item-1": 0.24935732116883502,
    "item-3": 0.6436163515293418,
    "ä-ünïcode": 0.1629045917884916,
}
"""BLAKE2b, key `0123456789abcdef`, person `qa-sample-v1`, 8 bytes, the upper 53 bits."""


@pytest.fixture(scope="module")
def draws() -> list[float]:
    return [draw(f"item-{number}", salt=KEY) for number in range(IDS)]


@pytest.mark.parametrize(("item", "number"), VECTORS.items())
def test_the_published_vectors(item: str, number: float) -> None:
    assert draw(item, salt=KEY) == number
    assert draw(item, salt=KEY.encode()) == number
    assert draw(item, salt=Salt(KEY.encode(), name="of another name")) == number
    assert draw(item, salt=KEY, purpose=QA_SAMPLE) == number


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.5])
def test_the_share_is_right(draws: list[float], rate: float) -> None:
    sample = sum(number < rate for number in draws)
    assert abs(sample - rate * IDS) < SIGMAS * math.sqrt(IDS * rate * (1 - rate))


def test_draws_are_uniform(draws: list[float]) -> None:
    """Chi square over 100 cells, whose mean is 99 and whose variance is twice that."""
    assert 0 <= min(draws) <= max(draws) < 1
    cells = [0] * 100
    for number in draws:
        cells[int(number * 100)] += 1
    expected = IDS / 100
    chi_square = sum((count - expected) ** 2 / expected for count in cells)
    assert abs(chi_square - 99) < SIGMAS * math.sqrt(2 * 99)


def test_a_smaller_sample_is_part_of_the_greater(draws: list[float]) -> None:
    small = {item for item, number in enumerate(draws) if number < 0.05}
    great = {item for item, number in enumerate(draws) if number < 0.1}
    assert small < great


@pytest.mark.parametrize(
    "other",
    [
        lambda item: draw(item, salt=KEY, purpose="second-review"),
        lambda item: draw(item, salt="another salt"),
    ],
)
def test_another_purpose_or_salt_is_an_independent_draw(
    draws: list[float], other: Callable[[str], float]
) -> None:
    """Of 100 pairs of tenths each gets a hundredth of the items (chi square, as above)."""
    cells = [0] * 100
    for item, number in enumerate(draws):
        cells[10 * int(number * 10) + int(other(f"item-{item}") * 10)] += 1
    expected = IDS / 100
    chi_square = sum((count - expected) ** 2 / expected for count in cells)
    assert abs(chi_square - 99) < SIGMAS * math.sqrt(2 * 99)


def test_neighbours_are_independent(draws: list[float]) -> None:
    both = sum(one < 0.1 and other < 0.1 for one, other in pairwise(draws))
    assert abs(both - 0.01 * IDS) < SIGMAS * math.sqrt(IDS * 0.01 * 0.99)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of a long id, in a full run
@given(ANYTHING)
def test_an_id_is_a_text_that_says_something(item: Any) -> None:
    try:
        number = draw(item, salt=KEY)
    except Unreadable:
        assert not isinstance(item, str) or not item.strip() or "\x00" in item or "\ud800" in item
    else:
        assert isinstance(item, str)
        assert 0 <= number < 1


# Salts


@pytest.mark.parametrize("salt", [None, "", b"", " ", b" \n"])
def test_a_missing_salt_is_an_error(salt: Any) -> None:
    for use in (salt_of, lambda salt: draw("item-1", salt=salt)):
        with pytest.raises(GateError, match="salt is missing: pass a secret text or bytes, or Sal"):
            use(salt)


@pytest.mark.parametrize("salt", [5, ["x"], bytearray(b"x"), True, object()])
def test_a_salt_of_another_type_is_an_error(salt: Any) -> None:
    with pytest.raises(GateError, match=r"salt must be a secret text or bytes, or a Sal"):
        salt_of(salt)
    with pytest.raises(GateError, match="salt "):
        Salt(salt)


def test_the_secret_of_a_salt_is_bytes() -> None:
    with pytest.raises(GateError, match=r"Salt takes the secret as bytes"):
        Salt("a text")  # type: ignore[arg-type]  # what users do


def test_a_salt_may_be_as_long_as_the_hash_takes() -> None:
    assert 0 <= draw("item-1", salt="x" * 64) < 1
    with pytest.raises(GateError, match="salt has 65 bytes; it may have 64"):
        salt_of("x" * 65)
    with pytest.raises(GateError, match="salt has 66 bytes"):
        salt_of("ä" * 33)


def test_a_salt_of_the_environment_has_the_name_of_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QA_SALT", KEY)
    salt = Salt.from_env("QA_SALT")
    assert salt.name == "QA_SALT"
    assert draw("item-1", salt=salt) == VECTORS["item-1"]


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_absent_variable_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("QA_SALT", raising=False)
    if value is not None:
        monkeypatch.setenv("QA_SALT", value)
    with pytest.raises(GateError, match="the environment variable QA_SALT is not set"):
        Salt.from_env("QA_SALT")


@pytest.mark.parametrize("variable", [None, 5, b"QA_SALT", ["QA_SALT"]])
def test_a_variable_is_named_by_a_text(variable: Any) -> None:
    with pytest.raises(GateError, match=r"Salt\.from_env takes the name of an environment"):
        Salt.from_env(variable)


@pytest.mark.parametrize(
    "secret", ["hush-hush", "Hush", "hush\n", "a=hush", "hush\x00", "\ud800", "", "A" * 41, "ÄHUSH"]
)
def test_a_secret_in_the_place_of_a_variable_is_not_repeated(secret: str) -> None:
    with pytest.raises(GateError) as caught:
        Salt.from_env(secret)
    assert str(caught.value) == (
        "salt is missing: the environment variable that Salt.from_env was to read is not set"
    )
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_salt_of_the_environment_may_be_any_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_SALT", os.fsdecode(b"\xff\xfe random"))
    assert Salt.from_env("QA_SALT").secret == b"\xff\xfe random"


def test_a_salt_without_a_name_has_a_fingerprint() -> None:
    one, same, other = salt_of("one"), salt_of(b"one"), salt_of("other")
    assert one == same
    assert one.name.startswith("salt-")
    assert one.name != other.name


@pytest.mark.parametrize("name", [" ", None, 5, "a\x00"])
def test_the_name_of_a_salt_is_a_text(name: Any) -> None:
    with pytest.raises(GateError, match="the name of a salt"):
        Salt(b"secret", name=name)


@pytest.mark.parametrize("name", ["hush-hush", "xhush-hush", "hush-hush 2026"])
def test_the_name_of_a_salt_does_not_contain_the_secret(name: str) -> None:
    with pytest.raises(GateError, match="the name of a salt is recorded") as caught:
        Salt(b"hush-hush", name=name)
    assert "hush-hush" not in str(caught.value)


def test_the_secret_is_shown_nowhere() -> None:
    secret = "hush-hush"  # noqa: S105  # the point
    salt = Salt(secret.encode(), name="2026")
    shown = [repr(salt), str(salt), f"{salt}", repr(copy.deepcopy(salt)), repr([salt])]
    for wrong in (f"{secret}\ud800", secret * 10, bytearray(secret.encode()), [secret]):
        with pytest.raises(GateError) as caught:
            salt_of(wrong)  # type: ignore[arg-type]  # what users do
        shown.append(str(caught.value))
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert not any(secret in text for text in shown)


# Purposes


@pytest.mark.parametrize("purpose", ["", " ", None, 5, b"qa", "a\x00", "\ud800"])
def test_a_purpose_is_a_text(purpose: Any) -> None:
    with pytest.raises(GateError, match="purpose"):
        checked_purpose(purpose)


def test_a_purpose_is_as_long_as_the_hash_takes() -> None:
    assert checked_purpose("x" * 16) == "x" * 16
    for purpose in ("x" * 17, "ä" * 9, "x" * 100_000):
        with pytest.raises(GateError, match="purpose may have 16 bytes") as caught:
            checked_purpose(purpose)
        assert len(str(caught.value)) < 200


@given(st.text(min_size=1, max_size=3), st.text(min_size=1, max_size=3))
def test_two_purposes_draw_differently(one: str, other: str) -> None:
    try:
        purposes = {checked_purpose(one), checked_purpose(other)}
    except GateError:
        return
    assert len({draw("item-1", salt=KEY, purpose=each) for each in purposes}) == len(purposes)
