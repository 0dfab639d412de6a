"""Distinct voters, retries, late votes, eligibility, and what people are shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl import Approve, Edit, Reject, Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel, all_of, anyone, majority, quorum, unanimous
from langgraph_hitl.review.reviewer import DIRECT, Identity
from tests.panels.voting import SAID, end_of, ends, shown_end, vote, votes
from tests.scale import scale

ANN, BOB = Reviewer("ann"), Reviewer("bob")
OF_FOUR: dict[str, Callable[..., Panel]] = {
    "quorum": lambda **policy: quorum(3, of=4, **policy),
    "majority": lambda **policy: majority(of=4, **policy),
    "unanimous": lambda **policy: unanimous(of=4, **policy),
    "all_of": lambda **policy: all_of(quorum(3, of=4), majority(of=4), **policy),
}
BALLOTS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([*SAID])), max_size=12)


@pytest.mark.parametrize("kind", OF_FOUR)
@given(BALLOTS)
@settings(max_examples=scale(300), deadline=None)
def test_votes_after_the_settlement_change_nothing(
    kind: str, ballots: list[tuple[str, str]]
) -> None:
    panel = OF_FOUR[kind]()
    cast = [vote(*ballot) for ballot in ballots]
    settled = [
        tally for stop in range(len(cast) + 1) if (tally := panel.tally(cast[:stop])).settled
    ]
    assert all(tally == settled[0] for tally in settled)


@pytest.mark.parametrize("kind", OF_FOUR)
@given(BALLOTS)
@settings(max_examples=scale(300), deadline=None)
def test_nobody_counts_twice(kind: str, ballots: list[tuple[str, str]]) -> None:
    """A vote that is sent again, or changed, counts once, and as it was said last."""
    panel = OF_FOUR[kind]()
    cast = [vote(*ballot) for ballot in ballots]
    tally = panel.tally(cast)
    assert len({one.voter for one in tally.votes}) == len(tally.votes)
    assert panel.tally(tally.votes) == tally
    again = [copy for one in tally.votes for copy in (one, one)]
    assert panel.tally(again) == tally


@pytest.mark.parametrize("kind", OF_FOUR)
@given(BALLOTS)
@settings(max_examples=scale(300), deadline=None)
def test_the_first_vote_stands_where_it_may_not_be_changed(
    kind: str, ballots: list[tuple[str, str]]
) -> None:
    panel = OF_FOUR[kind](may_change=False)
    first = dict(reversed(ballots))
    kept = [ballot for ballot in dict.fromkeys(ballots) if first[ballot[0]] == ballot[1]]
    everything = panel.tally(vote(*ballot) for ballot in ballots)
    assert everything == panel.tally(vote(*ballot) for ballot in kept)


def test_a_vote_is_changed_while_it_is_open() -> None:
    assert shown_end(quorum(2, of=3), "ann:no ann:yes bob:yes") == "yes"
    assert shown_end(quorum(2, of=3), "ann:yes ann:no bob:yes") is None
    assert shown_end(quorum(2, of=3, may_change=False), "ann:no ann:yes bob:yes") is None
    assert shown_end(quorum(2, of=3), "ann:yes ann:yes") is None


@pytest.mark.parametrize("panel", [majority(of=4), majority(of=4, tie="approve"), quorum(3, of=4)])
@given(st.lists(st.sampled_from([*SAID]), min_size=4, max_size=4))
@settings(max_examples=scale(300), deadline=None)
def test_no_order_changes_the_result(panel: Panel, said: list[str]) -> None:
    cast = [vote(voter, what) for voter, what in zip("abcd", said, strict=True)]
    assert len({ends(panel, order) for order in permutations(cast)}) == 1


def test_what_somebody_says_who_has_no_vote_counts_nothing() -> None:
    panel = quorum(2, of="editors", veto="ciso")
    assert panel.tally(votes("ann:no bob:no", "sales")).votes == ()
    assert shown_end(anyone(ANN), "bob:yes") is None
    assert shown_end(anyone("editors"), "editors:yes") is None


@pytest.mark.parametrize(
    ("panel", "keys"),
    [
        (anyone(), ("*",)),
        (anyone("editors", ANN), ("role:editors", "person:ann")),
        (quorum(2), ("*",)),
        (quorum(2, of="editors", veto=["ciso", ANN]), ("role:editors", "role:ciso", "person:ann")),
        (quorum(2, of=3, veto="ciso"), ("*",)),
        (quorum(2, roles={"legal": 1, "finance": 1}), ("role:legal", "role:finance")),
        (majority(of=[ANN, BOB], veto="ann"), ("person:ann", "person:bob")),
        (unanimous(of=5), ("*",)),
        (all_of(anyone("legal"), anyone("legal", ANN)), ("role:legal", "person:ann")),
        (all_of(anyone("legal"), anyone()), ("*",)),
    ],
)
def test_who_is_eligible(panel: Panel, keys: tuple[str, ...]) -> None:
    assert panel.eligible_keys == keys
    assert panel.may_vote(DIRECT) is ("*" in keys)
    for key in keys:
        kind, _, name = key.partition(":")
        somebody = Identity("x", (name,)) if kind == "role" else Identity(name)
        assert panel.may_vote(somebody)
    assert panel.may_vote(Reviewer("stranger", roles="sales")) is ("*" in keys)


def test_a_refusal_says_what_it_takes() -> None:
    panel = quorum(2, of=["editors", "legal", ANN], veto=Reviewer("zoe"))
    assert panel.refusal(DIRECT) == "it takes the role 'editors' or 'legal', or 'ann' or 'zoe'"
    assert panel.refusal(Reviewer("bob", roles="legal")) is None
    assert anyone(ANN).refusal(BOB) == "it takes 'ann'"
    assert anyone().refusal(DIRECT) is None


def test_an_id_is_no_role_and_a_role_no_id() -> None:
    assert not anyone("ciso").may_vote(Identity("ciso"))
    assert not anyone(Reviewer("ciso")).may_vote(Identity("ann", ("ciso",)))


@pytest.mark.parametrize(
    ("panel", "single"),
    [
        (anyone(), True),
        (anyone("editors"), True),
        (quorum(1, of="editors"), True),
        (quorum(1, of="editors", size=3), False),
        (quorum(1, of=1), True),
        (quorum(1, of="editors", veto="ciso"), False),
        (quorum(1, roles={"legal": 1}), False),
        (quorum(1, of="editors", against=2), False),
        (quorum(2), False),
        (majority(of=1), True),
        (majority(of=1, veto="ciso"), False),
        (unanimous(of=[ANN]), True),
        (unanimous(of=2), False),
        (all_of(anyone("a"), anyone("b")), False),
    ],
)
def test_whether_one_vote_settles_it(panel: Panel, single: bool) -> None:
    assert panel.single is single
    if single:
        key = panel.eligible_keys[0].partition(":")
        voter, roles = ("x", (key[2],)) if key[0] == "role" else (key[2] or "x", ())
        for said in ("yes", "edit", "no", "revise"):
            cast = vote(voter, said, *roles)
            assert panel.tally([cast]).result == cast.decision


def test_an_abstention_never_passes_a_panel_of_one() -> None:
    assert shown_end(anyone(), "ann:abstain") is None
    assert shown_end(anyone(), "ann:abstain bob:yes") == "yes"
    for panel in (majority(of=1), unanimous(of=1), quorum(1, of=1)):
        assert shown_end(panel, "ann:abstain") in (None, "no")


def test_names_roles() -> None:
    assert not anyone(ANN).names_roles
    assert not quorum(2, of=5).names_roles
    assert anyone("editors").names_roles
    assert quorum(2, of=5, veto="ciso").names_roles
    assert quorum(2, of=5, weights={"lead": 2}).names_roles
    assert all_of(anyone(ANN), anyone("legal")).names_roles


def test_people_are_shown_the_rule_the_votes_and_what_is_needed() -> None:
    panel = quorum(2, of="editors", size=3, veto="ciso")
    cast = [vote("ann", Approve("fine"), "editors")]
    assert panel.shown(cast) == {
        "rule": "2 of 3 by editors, veto by ciso",
        "eligible": ["role:editors", "role:ciso"],
        "blind": False,
        "may_change": True,
        "cast": 1,
        "needed": ["1 more", "the vote of ciso"],
        "votes": [{"by": "ann", "type": "approve", "comment": "fine"}],
    }


def test_a_blind_panel_shows_how_many_have_voted_and_nothing_else() -> None:
    shown = majority(of=3, blind=True).shown(votes("ann:no bob:yes"))
    assert shown == {
        "rule": "a majority of 3",
        "eligible": ["*"],
        "blind": True,
        "may_change": True,
        "cast": 2,
    }


def test_what_is_shown_stays_small() -> None:
    shown = quorum(2).shown([vote("ann", Edit("x" * 100_000)), vote("bob", Edit("y"))])
    assert len(json.dumps(shown)) < 1_000
    assert shown["votes"][0] == {"by": "ann", "type": "edit", "truncated": True}


@pytest.mark.parametrize(
    ("panel", "cast", "needed"),
    [
        (quorum(2), "", ("2 more",)),
        (quorum(2), "ann:yes", ("1 more",)),
        (quorum(2), "ann:yes bob:edit", ("1 more",)),
        (quorum(2, of=3, weights={ANN: 0.5}), "ann:yes", ("1.5 more",)),
        (quorum(3, of=4), "ann:no bob:revise", ("nothing more: it cannot pass",)),
        (majority(of=4), "ann:no bob:revise", ("nothing more: it cannot pass",)),
        (majority(of=3), "ann:yes", ("more than half of 3, 1 so far",)),
        (majority(of=4, tie="approve"), "ann:abstain", ("half of 3, 0 so far",)),
        (unanimous(of=3), "ann:yes", ("2 more",)),
        (all_of(anyone(ANN), quorum(2)), "ann:yes", ("2: 1 more",)),
    ],
)
def test_what_is_needed(panel: Panel, cast: str, needed: tuple[str, ...]) -> None:
    tally = panel.tally(votes(cast))
    assert not tally.settled
    assert tally.needed == needed


def test_a_tally_counts_weights_and_abstentions() -> None:
    panel = quorum(9, of=[ANN, BOB, Reviewer("cem"), Reviewer("dee")], weights={"ann": 7, "dee": 2})
    tally = panel.tally(votes("ann:yes bob:revise cem:abstain"))
    assert (tally.for_, tally.against, tally.abstained) == (7, 1, 1)
    assert not tally.settled


@pytest.mark.parametrize("wrong", [None, 1, "yes", []])
@pytest.mark.parametrize("option", ["blind", "may_change"])
@pytest.mark.parametrize("kind", OF_FOUR)
def test_a_policy_is_true_or_false(kind: str, option: str, wrong: Any) -> None:
    with pytest.raises(GateError, match=f"{option} must be True or False"):
        OF_FOUR[kind](**{option: wrong})


def test_a_panel_leaves_the_votes_alone() -> None:
    cast = votes("ann:yes bob:no")
    majority(of=3).tally(cast)
    assert cast == votes("ann:yes bob:no")
    assert end_of(Reject()) == "no"


@pytest.mark.parametrize("panel", [anyone(), quorum(2, of="editors"), majority(of=3)])
def test_most_panels_are_the_same_for_every_review(panel: Panel) -> None:
    assert panel.for_review(score=1, risk="critical", level="lead") is panel
