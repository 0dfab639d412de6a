"""Majorities: halves, ties, abstentions, weights; and how many votes they take."""

from __future__ import annotations

import random
from itertools import product

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel, Vote, majority
from tests.panels.voting import SAID, ends, shown_end, vote

ANN, BOB, CEM, DEE = (Reviewer(name) for name in ("ann", "bob", "cem", "dee"))


@pytest.mark.parametrize(
    ("cast", "tie_rejects", "tie_approves"),
    [
        ("ann:yes bob:yes", None, "yes"),
        ("ann:yes bob:yes cem:yes", "yes", "yes"),
        ("ann:no bob:no", "no", None),
        ("ann:no bob:no cem:no", "no", "no"),
        ("ann:yes bob:yes cem:no dee:no", "no", "yes"),
        ("ann:yes bob:yes cem:edit dee:edit", "no", "yes"),
        ("ann:edit bob:edit cem:no dee:no", "no", "no"),
        ("ann:abstain bob:abstain cem:yes", None, "yes"),
        ("ann:abstain bob:abstain cem:abstain dee:yes", "yes", "yes"),
        ("ann:abstain bob:abstain cem:abstain dee:abstain", "no", "no"),
        ("ann:abstain bob:yes cem:yes", "yes", "yes"),
        ("ann:revise bob:revise cem:revise", "revise", "revise"),
        ("ann:edit bob:edit cem:edit", "edit", "edit"),
    ],
)
def test_of_four(cast: str, tie_rejects: str | None, tie_approves: str | None) -> None:
    assert shown_end(majority(of=4), cast) == tie_rejects
    assert shown_end(majority(of=4, tie="approve"), cast) == tie_approves


def test_a_refusal_waits_for_who_decides_its_kind() -> None:
    assert shown_end(majority(of=3), "ann:no bob:revise") is None
    assert shown_end(majority(of=3), "ann:no bob:revise cem:revise") == "revise"
    assert shown_end(majority(of=3), "ann:no bob:revise cem:yes") == "no"


def test_weights_make_the_half() -> None:
    people = [ANN, BOB, CEM]
    panel = majority(of=people, weights={"ann": 3})
    assert shown_end(panel, "ann:yes") == "yes"
    assert shown_end(panel, "bob:no cem:no") is None
    assert shown_end(majority(of=people, weights={"ann": 2}), "ann:yes bob:no cem:no") == "no"
    tie = majority(of=people, weights={"ann": 2}, tie="approve")
    assert shown_end(tie, "ann:yes bob:no cem:no") == "yes"


def test_a_veto_stops_a_majority() -> None:
    panel = majority(of=[ANN, BOB, CEM], veto="cem")
    assert shown_end(panel, "ann:yes bob:yes") is None
    assert shown_end(panel, "ann:yes bob:yes cem:no") == "no"
    assert shown_end(panel, "ann:yes cem:yes") == "yes"


def test_the_rule_in_words() -> None:
    assert majority(of="editors", size=5).rule == "a majority of 5 by editors"
    assert majority(of=[ANN, BOB], veto="ann").rule == "a majority of 2 by ann, bob, veto by ann"


def test_it_has_to_be_known_how_many_they_are() -> None:
    for of in (None, "editors", ["editors", ANN]):
        with pytest.raises(GateError, match="majority: of how many"):
            majority(of=of)
    with pytest.raises(GateError, match="weights= needs people in of="):
        majority(of="editors", size=3, weights={"lead": 2})


@pytest.mark.parametrize("tie", ["Approve", "", None, True, "approve "])
def test_a_tie_rejects_or_approves(tie: str) -> None:
    with pytest.raises(GateError, match="tie must be 'reject' or 'approve'"):
        majority(of=3, tie=tie)  # type: ignore[arg-type]


PUBLISHED = [
    # voters, share of correct votes, accuracy, mean number of votes until it is certain
    (3, 0.5, 0.500000, 2.500000),
    (3, 0.6, 0.648000, 2.480000),
    (3, 0.7, 0.784000, 2.420000),
    (3, 0.8, 0.896000, 2.320000),
    (3, 0.9, 0.972000, 2.180000),
    (3, 0.95, 0.992750, 2.095000),
    (7, 0.5, 0.500000, 5.812500),
    (7, 0.6, 0.710208, 5.697280),
    (7, 0.7, 0.873964, 5.378020),
    (7, 0.8, 0.966656, 4.926720),
    (7, 0.9, 0.997272, 4.439380),
    (7, 0.95, 0.999806, 4.210193),
]


def votes_until_certain(panel: Panel, right: tuple[bool, ...]) -> tuple[int, bool]:
    cast: list[Vote] = []
    for number, correct in enumerate(right):
        cast.append(vote(str(number), SAID["yes" if correct else "no"]))
        if end := ends(panel, cast):
            return len(cast), end == "yes"
    raise AssertionError("open after the last vote")


@pytest.mark.parametrize(("voters", "share", "accuracy", "mean"), PUBLISHED)
def test_the_mean_number_of_votes_is_the_published_one(
    voters: int, share: float, accuracy: float, mean: float
) -> None:
    """Every sequence of right and wrong votes, with its probability."""
    panel = majority(of=voters)
    took, correct = 0.0, 0.0
    for right in product((True, False), repeat=voters):
        probability = share ** sum(right) * (1 - share) ** (voters - sum(right))
        number, is_correct = votes_until_certain(panel, right)
        took += probability * number
        correct += probability * is_correct
    assert took == pytest.approx(mean, abs=1e-6)
    assert correct == pytest.approx(accuracy, abs=1e-6)


@pytest.mark.parametrize(("voters", "share", "accuracy", "mean"), PUBLISHED)
def test_a_simulation_comes_near_the_published_mean(
    voters: int, share: float, accuracy: float, mean: float
) -> None:
    chance = random.Random(20_26)  # noqa: S311  # a fixed seed
    panel, runs = majority(of=voters), 1_500
    found = [
        votes_until_certain(panel, tuple(chance.random() < share for _ in range(voters)))
        for _ in range(runs)
    ]
    # Five standard errors: a vote count deviates by less than 1, a share of correct ones by 1/2.
    assert sum(number for number, _ in found) / runs == pytest.approx(mean, abs=5 / runs**0.5)
    assert sum(right for _, right in found) / runs == pytest.approx(accuracy, abs=2.5 / runs**0.5)
