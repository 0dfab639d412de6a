"""It ends as soon as the result is certain, and never before.

Random panels over people who are all named, and every state of their votes: each combination of
who has voted what, in a random order, beside everything that those who are left could still say.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel, Vote, all_of, majority, quorum, unanimous
from langgraph_hitl.panels.number import exact
from tests.panels.oracle import (
    Cast,
    Elector,
    Electors,
    FullCount,
    certain_ends,
    full_majority,
    full_quorum,
    full_unanimous,
)
from tests.panels.voting import SAID, ends, vote
from tests.scale import scale

NAMES = ("ann", "bob", "cem", "dee", "eve")
ROLES = ("legal", "finance")
WEIGHTS: st.SearchStrategy[float] = st.sampled_from([1, 2, 3, 0.1, 0.2, 0.3, 0.5, 1.5])

CHANCE = st.integers(0, 2**32).map(random.Random)


class People(NamedTuple):
    """Named people with their weights."""

    reviewers: list[Reviewer]
    weights: dict[str, float] | None

    @property
    def electors(self) -> Electors:
        return {
            one.id: Elector(exact((self.weights or {}).get(one.id, 1)), one.roles)
            for one in self.reviewers
        }

    @property
    def total(self) -> Fraction:
        return sum((elector.weight for elector in self.electors.values()), Fraction(0))


@st.composite
def people(draw: st.DrawFn, *, most: int = 4) -> People:
    names = NAMES[: draw(st.integers(1, most))]
    roles = st.lists(st.sampled_from(ROLES), unique=True)
    reviewers = [Reviewer(name, roles=draw(roles)) for name in names]
    weighted = draw(st.dictionaries(st.sampled_from(names), WEIGHTS)) or None
    return People(reviewers, weighted)


def states(voters: list[str], choices: tuple[str, ...]) -> Iterator[Cast]:
    """Every combination of who has voted what."""
    for said in product((None, *choices), repeat=len(voters)):
        pairs = zip(voters, said, strict=True)
        yield tuple((voter, choice) for voter, choice in pairs if choice is not None)


def in_some_order(cast: Cast, chance: random.Random) -> list[Vote]:
    shuffled = list(cast)
    chance.shuffle(shuffled)
    return [vote(voter, said) for voter, said in shuffled]


def check_every_state(
    panel: Panel, who: People, full: FullCount, choices: tuple[str, ...], chance: random.Random
) -> None:
    voters = [one.id for one in who.reviewers]
    possible = certain_ends(voters, choices, full)
    for cast in states(voters, choices):
        left = possible(tuple(sorted(cast)))
        certain = next(iter(left)) if len(left) == 1 else None
        order = in_some_order(cast, chance)
        assert ends(panel, order) == certain, (panel.to_json(), order, left)


@given(people(), st.data(), CHANCE)
@settings(max_examples=scale(150), deadline=None)
def test_a_quorum_ends_as_soon_as_it_is_certain(
    who: People, data: st.DataObject, chance: random.Random
) -> None:
    n: float = data.draw(WEIGHTS if who.weights else st.integers(1, len(who.reviewers)))
    seats = data.draw(st.dictionaries(st.sampled_from(ROLES), st.integers(1, 2)))
    # Where two different answers can both reach the quorum, the first one counts: another test.
    one_answer = 2 * exact(n) <= who.total
    choices = tuple(choice for choice in SAID if not (one_answer and choice == "edit"))
    try:
        panel = quorum(n, of=who.reviewers, weights=who.weights, roles=seats or None)
    except GateError:
        assume(False)
    full = full_quorum(who.electors, exact(n), seats)
    check_every_state(panel, who, full, choices, chance)


@given(people(), st.sampled_from(["reject", "approve"]), CHANCE)
@settings(max_examples=scale(300), deadline=None)
def test_a_majority_ends_as_soon_as_it_is_certain(
    who: People, tie: str, chance: random.Random
) -> None:
    panel = majority(of=who.reviewers, weights=who.weights, tie=tie)  # type: ignore[arg-type]
    check_every_state(panel, who, full_majority(who.electors, tie), tuple(SAID), chance)


@given(CHANCE)
@settings(max_examples=scale(20), deadline=None)
def test_a_majority_of_five_in_every_state(chance: random.Random) -> None:
    who = People([Reviewer(name) for name in NAMES], None)
    panel = majority(of=who.reviewers)
    full = full_majority(who.electors, "reject")
    check_every_state(panel, who, full, tuple(SAID), chance)


@given(CHANCE)
@settings(max_examples=scale(30), deadline=None)
def test_a_quorum_of_a_role_ends_like_one_of_people(chance: random.Random) -> None:
    """Only how many they are is known."""
    for n, size in [(1, 3), (2, 3), (3, 3), (3, 4)]:
        who = People([Reviewer(name) for name in NAMES[:size]], None)
        full = full_quorum(who.electors, Fraction(n), {})
        choices = ("yes", "no", "revise", "abstain")
        check_every_state(quorum(n, of=size), who, full, choices, chance)


@given(people(), CHANCE)
@settings(max_examples=scale(200), deadline=None)
def test_unanimity_ends_as_soon_as_it_is_certain(who: People, chance: random.Random) -> None:
    """A refusal ends it as what the first one against was."""
    panel = unanimous(of=who.reviewers)
    possible = certain_ends([one.id for one in who.reviewers], tuple(SAID), full_unanimous)
    for cast in states([one.id for one in who.reviewers], tuple(SAID)):
        left = possible(tuple(sorted(cast)))
        certain = next(iter(left)) if len(left) == 1 else None
        order = in_some_order(cast, chance)
        end = ends(panel, order)
        if certain != "refused":
            assert end == certain
            continue
        against = [one for one in order if one.decision in (SAID["no"], SAID["revise"])]
        answers = [one for one in order if one.decision in (SAID["yes"], SAID["edit"])]
        assert end in ("no", "revise")
        if len({repr(one.decision) for one in answers}) < 2:
            first = against[0].decision if against else SAID["no"]
            assert end == ("revise" if first == SAID["revise"] else "no")


@given(people(most=3), st.data(), CHANCE)
@settings(max_examples=scale(200), deadline=None)
def test_a_veto_never_comes_too_late(
    who: People, data: st.DataObject, chance: random.Random
) -> None:
    """What passes is not what somebody with a veto could still object to."""
    names = [one.id for one in who.reviewers]
    holders = data.draw(st.lists(st.sampled_from([*names, "zoe"]), min_size=1, unique=True))
    n = data.draw(st.integers(1, len(names)))
    panel = quorum(n, of=who.reviewers, veto=[Reviewer(name) for name in holders])
    voters = sorted({*names, *holders})
    electors = {name: Elector() for name in voters}
    inside = full_quorum(electors, Fraction(n), {})

    def full(cast: Cast) -> str:
        if any(name in holders and said in ("no", "revise") for name, said in cast):
            return "refused"
        end = inside(tuple((name, said) for name, said in cast if name in names))
        return end if end == "yes" else "refused"

    choices = ("yes", "no", "revise", "abstain")
    possible = certain_ends(voters, choices, full)
    for cast in states(voters, choices):
        left = possible(tuple(sorted(cast)))
        end = ends(panel, in_some_order(cast, chance))
        if end is not None:
            assert left == {"yes" if end == "yes" else "refused"}
        elif left == {"refused"}:
            # It is certain that it is refused, and not yet whether a new version is wanted.
            assert {name for name, _ in cast} < set(voters)
        else:
            assert len(left) == 2


@given(people(most=3), st.data(), CHANCE)
@settings(max_examples=scale(200), deadline=None)
def test_several_panels_end_only_when_it_is_certain(
    who: People, data: st.DataObject, chance: random.Random
) -> None:
    names = [one.id for one in who.reviewers]
    first = data.draw(st.lists(st.sampled_from(who.reviewers), min_size=1, unique=True))
    n = data.draw(st.integers(1, len(first)))
    panel = all_of(quorum(n, of=first), majority(of=who.reviewers))
    ids = [one.id for one in first]
    electors = {name: Elector() for name in names}
    quorate = full_quorum(electors, Fraction(n), {})
    most = full_majority(electors, "reject")

    def full(cast: Cast) -> str:
        parts = {quorate(tuple(pair for pair in cast if pair[0] in ids)), most(cast)}
        return "yes" if parts == {"yes"} else "refused"

    choices = ("yes", "no", "revise", "abstain")
    possible = certain_ends(names, choices, full)
    for cast in states(names, choices):
        left = possible(tuple(sorted(cast)))
        end = ends(panel, in_some_order(cast, chance))
        if end is not None:
            assert left == {"yes" if end == "yes" else "refused"}
        else:
            assert left != {"yes"}
        if len(cast) == len(names):
            assert end is not None
