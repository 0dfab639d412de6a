"""Several panels: each of them has to come to the same answer."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Abstain, Approve, Reject, Reviewer, Revise
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import all_of, anyone, majority, quorum, unanimous
from tests.panels.voting import ends, vote

BOTH = all_of(anyone("legal"), quorum(2, of="editors"))
ANN, BOB = vote("ann", "yes", "editors"), vote("bob", "yes", "editors")


def test_every_part_has_to_approve() -> None:
    lee = vote("lee", "yes", "legal")
    assert ends(BOTH, [lee, ANN]) is None
    assert ends(BOTH, [ANN, BOB]) is None
    assert ends(BOTH, [lee, ANN, BOB]) == "yes"
    assert ends(BOTH, [ANN, BOB, lee]) == "yes"


def test_the_first_part_to_refuse_ends_it() -> None:
    assert ends(BOTH, [ANN, vote("lee", "no", "legal")]) == "no"
    assert ends(BOTH, [vote("lee", "revise", "legal")]) == "revise"
    assert ends(BOTH, [vote("ann", "no", "editors")]) is None


def test_parts_that_refuse_at_once_ask_for_changes_only_together() -> None:
    same = all_of(quorum(1, of="a", against=1), unanimous(of=2))
    assert ends(same, [vote("ann", "revise", "a")]) == "revise"
    assert ends(same, [vote("ann", "no", "a")]) == "no"


def test_parts_that_come_to_different_answers_refuse() -> None:
    tally = BOTH.tally(
        [vote("lee", "edit", "legal"), ANN, vote("bob", Approve("as it is"), "editors")]
    )
    assert tally.result == Reject("bob: as it is")


def test_somebody_in_several_parts_votes_in_each_of_them() -> None:
    panel = all_of(anyone("legal"), anyone("finance"))
    assert ends(panel, [vote("ann", "yes", "legal", "finance")]) == "yes"
    assert ends(panel, [vote("ann", "yes", "legal")]) is None


def test_a_vote_can_be_changed_until_the_whole_is_settled() -> None:
    lee = vote("lee", "yes", "legal")
    assert ends(BOTH, [lee, ANN, vote("lee", "no", "legal"), BOB]) == "no"
    kept = all_of(*BOTH.parts, may_change=False)  # type: ignore[attr-defined]
    assert ends(kept, [lee, ANN, vote("lee", "no", "legal"), BOB]) == "yes"


def test_an_abstention_in_a_part_of_one_waits_for_somebody_else() -> None:
    cast = [vote("lee", "abstain", "legal"), ANN, BOB]
    assert ends(BOTH, cast) is None
    assert ends(BOTH, [*cast, vote("lou", "yes", "legal")]) == "yes"


def test_parts_may_be_of_any_kind() -> None:
    panel = all_of(all_of(anyone("a"), anyone("b")), majority(of=[Reviewer("ann")], veto="c"))
    cast = [vote("x", "yes", "a"), vote("ann", "yes", "b"), vote("y", Abstain(), "c")]
    assert ends(panel, cast) == "yes"
    assert panel.rule == "any of a; and any of b; and a majority of 1 by ann, veto by c"


def test_the_tally_counts_people() -> None:
    tally = BOTH.tally([ANN, BOB, vote("cem", "no", "editors"), vote("dee", Revise("x"), "none")])
    assert (tally.for_, tally.against, tally.abstained) == (2, 1, 0)
    assert not tally.settled
    assert tally.needed == ("any of legal: 1 more",)


@pytest.mark.parametrize("panels", [(), (anyone(),)])
def test_it_takes_two(panels: Any) -> None:
    with pytest.raises(GateError, match="two panels or more"):
        all_of(*panels)


def test_it_takes_panels() -> None:
    with pytest.raises(GateError, match=r"all_of takes panels, such as anyone\('legal'\), not str"):
        all_of(anyone(), "legal")  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", [{"blind": True}, {"may_change": False}])
def test_policies_belong_to_the_whole(policy: dict[str, bool]) -> None:
    with pytest.raises(GateError, match="belong to all_of itself"):
        all_of(anyone(), quorum(2, **policy))  # type: ignore[arg-type]
