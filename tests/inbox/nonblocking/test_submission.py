"""What came before a gate, whatever ran faster; and the best of what it may take."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl import await_review, submit_review
from langgraph_hitl._subgraph.gate import spec_of
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._run.submission import Place, came_before, choices, mark
from tests.inbox.ledgers import Ticking, filing

# A run as a tree of graphs: in each superstep of a graph some tasks, which may be graphs again.
# A place is a path through it; the name of a task is unique, as LangGraph's are.


@st.composite
def places(draw: st.DrawFn) -> Place:
    place = [["", f"c{draw(st.integers(0, 3))}"]]
    for _ in range(draw(st.integers(0, 2))):
        name, checkpoint = place[-1]
        task = f"{name}|task{draw(st.integers(0, 1))}-of-{checkpoint}".lstrip("|")
        place.append([task, f"c{draw(st.integers(0, 3))}"])
    return place


def moment(place: Place, other: Place) -> tuple[str, str]:
    """The checkpoints of the innermost graph that both run in."""
    level = max(n for n, _ in enumerate(place) if place[n][0] == other[: n + 1][-1][0])
    return place[level][1], other[level][1]


@given(places(), places())
def test_it_came_before_in_the_innermost_graph_that_both_run_in(one: Place, two: Place) -> None:
    earlier, later = moment(one, two)
    assert came_before(one, two) is (earlier < later)


@given(places(), places(), places())
def test_before_is_an_order(one: Place, two: Place, three: Place) -> None:
    assert not came_before(one, one)
    assert not (came_before(one, two) and came_before(two, one))
    if came_before(one, two) and came_before(two, three):
        assert came_before(one, three)


def test_a_gate_that_is_the_whole_graph_has_no_place() -> None:
    assert not came_before([], [["", "c1"]])
    assert not came_before([["", "c1"]], [])


def gates(inbox: Inbox, name: str = "submit_review") -> tuple[GateSpec, GateSpec]:
    """A submission and what awaits it."""
    submitted = submit_review("draft", name=name, inbox=inbox)
    found = spec_of(submitted), spec_of(await_review(submitted))
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


def chosen(submitted: list[tuple[Place, str, str]], joins: Place, here: str | None) -> list[Review]:
    """The choices of a gate at `joins`, of (place, name, digest), the best first."""
    with Inbox.open("sqlite:///:memory:") as inbox:
        ledger = Ledger.open("sqlite:///:memory:", clock=Ticking())
        with ledger.transaction() as tx:
            for number, (place, name, digest) in enumerate(submitted):
                spec, _ = gates(inbox, name)
                tx.file(
                    filing(
                        f"r{number}",
                        thread_id="t",
                        mode="submitted",
                        digest=digest,
                        root_checkpoint=place[0][1],
                        question=mark(spec, {}, place),
                    )
                )
        _, spec = gates(inbox)
        with ledger.reading() as rx:
            unjoined = rx.unjoined("t", "blog")
            found = list(choices(unjoined, rx.contents, spec, joins, lambda: here))
        ledger.close()
    return found


def ids(found: list[Review]) -> list[str]:
    return [review.id for review in found]


NAME = "submit_review"


def test_the_newest_is_the_best() -> None:
    at = [([["", f"c{number}"]], NAME, "d") for number in (2, 3, 1)]
    assert ids(chosen(at, [["", "c5"]], "d")) == ["r1", "r0", "r2"]


def test_of_one_superstep_the_one_about_the_same_value_is_the_best() -> None:
    at = [([["", "c1"]], NAME, digest) for digest in ("a", "b", "c")]
    assert ids(chosen(at, [["", "c2"]], "b"))[0] == "r1"
    assert ids(chosen(at, [["", "c2"]], None)) == ["r2", "r1", "r0"]


def test_a_newer_one_is_better_than_one_about_the_same_value() -> None:
    at = [([["", "c1"]], NAME, "same"), ([["", "c2"]], NAME, "other")]
    assert ids(chosen(at, [["", "c3"]], "same")) == ["r1", "r0"]


def test_those_of_another_gate_are_none() -> None:
    at = [([["", "c1"]], "legal", "d"), ([["", "c2"]], NAME, "d")]
    assert ids(chosen(at, [["", "c3"]], "d")) == ["r1"]


@settings(max_examples=40, deadline=None)
@given(st.lists(places(), max_size=5), places())
def test_only_what_came_before_is_a_choice(submitted: list[Place], joins: Place) -> None:
    found = chosen([(place, NAME, "d") for place in submitted], joins, None)
    before = [f"r{n}" for n, place in enumerate(submitted) if came_before(place, joins)]
    assert sorted(ids(found)) == sorted(before)
