"""Quorums: values, thresholds, weights, veto and the mix of roles."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Abstain, Approve, Choose, Edit, Reject, Respond, Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel, anyone, quorum
from langgraph_hitl.review import Decision
from tests.panels.voting import ends, shown_end, vote, votes

ANN, BOB, CEM = (Reviewer(name) for name in ("ann", "bob", "cem"))


@pytest.mark.parametrize(
    ("cast", "end"),
    [
        ("ann:yes", None),
        ("ann:yes bob:yes", "yes"),
        ("ann:yes bob:no", None),
        ("ann:no bob:no", "no"),
        ("ann:revise bob:revise", "revise"),
        ("ann:no bob:revise cem:revise", "revise"),
        ("ann:no bob:revise cem:abstain", "no"),
        ("ann:yes bob:edit", None),
        ("ann:yes bob:edit cem:edit", "edit"),
        ("ann:abstain bob:abstain cem:no", "no"),
        ("ann:abstain bob:yes cem:yes", "yes"),
    ],
)
def test_two_of_three(cast: str, end: str | None) -> None:
    assert shown_end(quorum(2, of=[ANN, BOB, CEM]), cast) == end
    assert shown_end(quorum(2, of=3), cast) == end
    assert shown_end(quorum(2, of="security", size=3), cast, "security") == end


@pytest.mark.parametrize(
    ("cast", "end"),
    [
        ("ann:no", None),
        ("ann:no bob:revise", "no"),
        ("ann:revise bob:revise", "revise"),
        ("ann:abstain bob:abstain cem:no dee:yes eve:yes", "yes"),
        ("ann:no bob:yes cem:yes", "yes"),
        ("ann:yes bob:no cem:edit dee:abstain", None),
    ],
)
def test_without_a_number_of_voters_as_many_against_end_it(cast: str, end: str | None) -> None:
    assert shown_end(quorum(2), cast) == end


def test_against_says_how_many_end_it() -> None:
    strict = quorum(2, of="editors", against=1)
    assert shown_end(strict, "ann:yes bob:no", "editors") == "no"
    patient = quorum(2, of=4, against=2)
    assert shown_end(patient, "ann:no bob:yes cem:yes") == "yes"
    assert shown_end(patient, "ann:no bob:yes cem:revise") == "no"


def test_against_does_not_keep_open_what_cannot_pass() -> None:
    assert shown_end(quorum(2, of=3, against=3), "ann:no bob:no") == "no"


def test_the_first_of_two_answers_to_reach_it_counts() -> None:
    panel = quorum(2, of=5)
    assert shown_end(panel, "ann:yes bob:edit cem:edit dee:yes") == "edit"
    assert shown_end(panel, "ann:yes bob:edit cem:yes dee:edit") == "yes"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Edit({"a": 1, "b": 2}), Edit({"b": 2, "a": 1}, "typo"), True),
        (Edit("a"), Edit("b"), False),
        (Edit("a"), Respond("a"), False),
        (Respond(1), Respond(True), False),
        (Respond([1]), Respond([1]), True),
        (Choose("a", "b"), Choose("b", "a"), True),
        (Choose("a"), Choose("a", "b"), False),
        (Approve("x"), Approve("y"), True),
    ],
)
def test_answers_count_with_those_that_are_equal(
    first: Decision, second: Decision, same: bool
) -> None:
    tally = quorum(2).tally([vote("ann", first), vote("bob", second)])
    assert tally.settled is same


def test_weights_are_exact_numbers() -> None:
    panel = quorum(0.9, of=[ANN, BOB], weights={ANN: 0.6, BOB: 0.3})
    assert shown_end(panel, "ann:yes bob:yes") == "yes"
    panel = quorum(0.3, of=[ANN, BOB, CEM], weights={"ann": 0.1, "bob": 0.2, "cem": 0.1})
    assert shown_end(panel, "ann:yes bob:yes") == "yes"


def test_a_persons_own_weight_goes_before_that_of_roles() -> None:
    panel = quorum(3, of="editors", weights={"lead": 2, "chief": 3, ANN: 1})
    assert shown_end(panel, "bob:yes", "editors", "lead", "chief") == "yes"
    assert shown_end(panel, "bob:yes", "editors", "lead") is None
    assert shown_end(panel, "ann:yes", "editors", "lead", "chief") is None
    assert shown_end(panel, "bob:yes ann:yes", "editors", "lead") == "yes"


def test_named_people_weigh_what_the_roles_given_with_them_weigh() -> None:
    panel = quorum(2, of=[Reviewer("ann", roles="lead"), BOB], weights={"lead": 2})
    assert shown_end(panel, "ann:yes") == "yes"
    assert shown_end(panel, "bob:yes", "lead") is None


def test_who_holds_a_veto_has_to_be_heard() -> None:
    panel = quorum(2, of="security", veto="ciso")
    passed = votes("ann:yes bob:yes", "security")
    assert ends(panel, passed) is None
    assert panel.tally(passed).needed == ("the vote of ciso",)  # type: ignore[union-attr]
    assert ends(panel, [*passed, vote("zoe", "yes", "ciso")]) == "yes"
    assert ends(panel, [*passed, vote("zoe", "abstain", "ciso")]) == "yes"
    assert ends(panel, [vote("zoe", "abstain", "ciso"), *passed]) == "yes"
    assert ends(panel, [*passed, vote("zoe", "no", "ciso")]) == "no"
    assert ends(panel, [*passed, vote("zoe", "revise", "ciso")]) == "revise"
    assert ends(panel, [vote("zoe", "no", "ciso")]) == "no"


def test_a_veto_outside_the_electorate_is_no_approval() -> None:
    panel = quorum(2, of="security", veto="ciso")
    assert ends(panel, [vote("zoe", "yes", "ciso"), vote("ann", "yes", "security")]) is None


def test_a_veto_inside_the_electorate_is_a_vote_too() -> None:
    panel = quorum(2, of=[ANN, BOB, CEM], veto="cem")
    assert shown_end(panel, "ann:yes cem:yes") == "yes"
    assert shown_end(panel, "ann:yes bob:yes") is None
    assert shown_end(panel, "ann:yes cem:no") == "no"


def test_a_role_is_heard_when_one_of_its_people_is() -> None:
    panel = quorum(1, of="editors", veto="legal")
    heard = [vote("ann", "yes", "editors"), vote("lee", "abstain", "legal")]
    assert ends(panel, heard) == "yes"


def test_the_veto_of_two_waits_for_both() -> None:
    panel = quorum(1, of="editors", veto=["legal", Reviewer("zoe")])
    cast = [vote("ann", "yes", "editors"), vote("lee", "yes", "legal")]
    assert ends(panel, cast) is None
    assert ends(panel, [*cast, vote("zoe", "abstain")]) == "yes"


def test_the_roles_of_a_mix_are_filled_by_different_people() -> None:
    panel = quorum(2, roles={"legal": 1, "finance": 1})
    both = vote("ann", "yes", "legal", "finance")
    assert ends(panel, [both]) is None
    assert ends(panel, [both, vote("bob", "yes", "legal")]) == "yes"
    assert ends(panel, [both, vote("bob", "yes", "finance")]) == "yes"
    two_of_one = [vote("cem", "yes", "legal"), vote("bob", "yes", "legal")]
    assert ends(panel, two_of_one) is None
    assert panel.tally(two_of_one).needed == ("one of finance",)  # type: ignore[union-attr]
    assert ends(panel, [*two_of_one, both]) == "yes"


def test_a_mix_that_cannot_be_filled_any_more_ends_it() -> None:
    lee = Reviewer("lee", roles="legal")
    panel = quorum(2, of=[lee, ANN, BOB], roles={"legal": 1})
    assert shown_end(panel, "ann:yes bob:yes") is None
    assert shown_end(panel, "lee:no ann:no") == "no"
    assert shown_end(panel, "ann:yes bob:yes lee:no") == "no"


def test_anyone() -> None:
    assert shown_end(anyone("editors"), "ann:no bob:yes", "editors") == "no"
    assert anyone("editors", ANN).tally([vote("ann", Reject("no"))]).result == Reject("no")
    assert anyone(["editors", "legal"]) == anyone("editors", "legal")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("panel", "rule"),
    [
        (anyone(), "anybody"),
        (anyone("editors", ANN), "any of editors, ann"),
        (quorum(2), "2"),
        (quorum(2, of="security", size=3), "2 of 3 by security"),
        (quorum(2, of=5), "2 of 5"),
        (quorum(3, of=[ANN, BOB], weights={ANN: 2}), "3 of 2 by ann, bob, weighted"),
        (quorum(1, of="editors", veto=["ciso", ANN]), "1 by editors, veto by ciso, ann"),
        (
            quorum(3, roles={"legal": 1, "finance": 2}),
            "3 by legal, finance, with 1 of legal and 2 of finance",
        ),
    ],
)
def test_the_rule_in_words(panel: Panel, rule: str) -> None:
    assert panel.rule == rule


@pytest.mark.parametrize(
    ("n", "options", "message"),
    [
        (0, {}, "n must be a whole number from 1"),
        (-1, {}, "n must be a whole number from 1"),
        (True, {}, "n must be a whole number"),
        (1.5, {}, "n must be a whole number"),
        ("2", {}, "n must be a whole number from 1 to .*, not '2'"),
        (10**400, {}, "n must be a whole number"),
        (2, {"of": 1}, "1 voters .* never reach 2; lower n, or name more people"),
        (3, {"of": [ANN, BOB]}, "2 voters .* never reach 3"),
        (3, {"of": "a", "size": 2}, "never reach 3"),
        (2, {"of": []}, "names nobody"),
        (2, {"of": 0}, "of must be a whole number from 1"),
        (2, {"of": True}, "of must be a whole number"),
        (2, {"of": 2.0}, "of must be a whole number"),
        (2, {"of": 3, "size": 3}, "leave size= out"),
        (2, {"of": "a", "size": 0}, "size must be"),
        (2, {"of": [ANN, BOB], "size": 3}, "names 2 people, so size=3 cannot be"),
        (1, {"of": ["a", ANN], "size": 1}, "leaves nobody for the roles"),
        (2, {"of": [ANN, ANN]}, "names 'ann' twice"),
        (2, {"of": [None]}, "must be a text that is not blank"),
        (2, {"of": " "}, "must be a text that is not blank"),
        (2, {"of": "*"}, "stands for anybody"),
        (2, {"of": b"a"}, "takes a role"),
        (2, {"of": {"a": 1}}, "takes a role"),
        (2, {"of": "a\x00"}, "NUL"),
        (2, {"of": "\ud800"}, "not blank"),
        (2, {"of": "x" * 1_000}, "at most 200 characters"),
        (5, {"of": [ANN, BOB], "weights": {ANN: 2}}, "weight of 3 in all never reach 5"),
        (2, {"weights": {}}, "weights maps roles or people to numbers"),
        (2, {"weights": {"a": 0}}, "the weight of 'a' must be a number from"),
        (2, {"weights": {"a": -1}}, "the weight of 'a' must be a number from"),
        (2, {"weights": {"a": float("nan")}}, "the weight of 'a' must be a number from"),
        (2, {"weights": {"a": float("inf")}}, "the weight of 'a' must be a number from"),
        (2, {"weights": {"a": "2"}}, "the weight of 'a' must be a number above 0"),
        (2, {"weights": {"a": True}}, "the weight of 'a' must be a number above 0"),
        (2, {"of": [ANN, BOB], "weights": {"lead": 2}}, "the weight of 'lead' has no effect"),
        (2, {"of": [ANN, BOB], "weights": {CEM: 2}}, "the weight of 'cem' has no effect"),
        (2, {"of": [ANN, BOB], "weights": {"ann": 2, ANN: 2}}, "names 'ann' twice"),
        (2, {"veto": []}, "veto names nobody"),
        (2, {"veto": 1}, "veto takes a role"),
        (2, {"veto": ""}, "must be a text that is not blank"),
        (2, {"roles": {}}, "roles maps roles to numbers"),
        (2, {"roles": ["legal"]}, "roles maps roles to numbers"),
        (2, {"roles": {"legal": 0}}, "must be a whole number"),
        (2, {"roles": {"legal": 1, "finance": 2}}, "takes 3 people, so n must be 3 at least"),
        (200, {"roles": {"legal": 200}}, "at most 100"),
        (2, {"of": 2, "against": 3}, "never reach against=3"),
        (2, {"against": 0}, "against must be"),
        (
            2,
            {"of": [ANN, BOB], "roles": {"legal": 1}},
            "nobody for legal; name more people, with their roles",
        ),
        (
            2,
            {"of": [Reviewer("x", roles=("a", "b")), ANN], "roles": {"a": 1, "b": 1}},
            "nobody for b",
        ),
    ],
)
def test_a_panel_that_nobody_can_fill_is_refused(
    n: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(GateError, match=message) as caught:
        quorum(n, **options)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("who", [None, 1, b"a", "", " ", [], ["a", "a"], [["a"]], {"a": 1}])
def test_anyone_takes_roles_and_people(who: Any) -> None:
    with pytest.raises(GateError):
        anyone(who)


def test_an_abstention_counts_for_nobody() -> None:
    assert quorum(1, of=3).tally([vote("ann", Abstain())]).abstained == 1
