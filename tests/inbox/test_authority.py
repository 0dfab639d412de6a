"""Authority: every operation by every kind of identity, and answers that claim one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from langgraph.types import Command

from langgraph_hitl import (
    Approve,
    Defer,
    Edit,
    Escalate,
    Inbox,
    Reject,
    Reviewer,
    Revise,
    human_approval,
    pending,
    resume,
)
from langgraph_hitl.errors import InboxError, NotAuthorised
from langgraph_hitl.inbox import Review
from langgraph_hitl.panels import Panel, chain, quorum
from langgraph_hitl.panels.chain import Chain
from langgraph_hitl.people import Absence, Member, Roster
from langgraph_hitl.policies import Escalation
from langgraph_hitl.review.decision import Decision, Postponement
from langgraph_hitl.testing import FixedClock
from tests.apps import one_gate
from tests.inbox.desk import Desk, Question

REQUESTER = "rita"
AWAY = Absence(FixedClock().now, FixedClock().now + timedelta(days=7))
FOUR_EYES = "four eyes"


class Case(NamedTuple):
    """Who decides a review, and what each kind of identity hears; None: it may."""

    reviewers: Any
    who: dict[str, Reviewer | str]
    needed: dict[str, str | None]


def people(may: Reviewer, wrong_role: Reviewer, too_low: Reviewer) -> dict[str, Reviewer | str]:
    """One of each kind. Whoever asked for it has all that it takes, but for having asked."""
    return {
        "who may": may,
        "unknown": Reviewer("eve"),
        "an id": may.id,
        "wrong role": wrong_role,
        "too low": too_low,
        "who asked": Reviewer(REQUESTER, may.roles, level=may.level, skills=may.skills),
    }


def refused(needed: str) -> dict[str, str | None]:
    names = ("unknown", "an id", "wrong role", "too low")
    return {"who may": None, **dict.fromkeys(names, needed), "who asked": FOUR_EYES}


ROLE = people(
    Reviewer("maria", roles="editors"),
    Reviewer("jo", roles=("writers", "Editors", "editors ")),
    Reviewer("ann", level="executive"),
)
LEVEL = people(
    Reviewer("dora", level="director"),
    Reviewer("jo", roles=("director", "lead"), skills="lead"),
    Reviewer("ann", level="member"),
)
CASES = {
    "a role": Case("editors", ROLE, refused("editors")),
    "two votes": Case(quorum(2, of="editors"), ROLE, refused("editors")),
    "a chain": Case(chain("lead", "director", "executive"), LEVEL, refused("'lead' or above")),
    "anybody": Case(None, ROLE, dict.fromkeys(ROLE) | {"who asked": FOUR_EYES}),
}

Act = Callable[[Inbox, Review, Any], Any]


def deciding(decision: Decision | Postponement) -> Act:
    return lambda inbox, review, by: inbox.decide(review.id, decision, by=by)


def among_many(inbox: Inbox, review: Review, by: Any) -> None:
    (found,) = inbox.decide_many([(review, Approve())], by=by)
    if found.error is not None:
        raise found.error


def deferring(inbox: Inbox, review: Review, by: Any) -> None:
    inbox.defer(review.id, by=by)


OPERATIONS: dict[str, Act] = {
    "approve": deciding(Approve()),
    "edit": deciding(Edit("Bye")),
    "reject": deciding(Reject("no")),
    "revise": deciding(Revise("louder")),
    "say defer": deciding(Defer()),
    "say escalate": deciding(Escalate("unsure")),
    "say escalate to others": deciding(Escalate("unsure", to="others")),
    "decide many": among_many,
    "approve, for a worker": lambda inbox, review, by: inbox.decide(
        review, Approve(), by=by, resume="worker"
    ),
    "cancel": lambda inbox, review, by: inbox.cancel(review.id, by=by),
    "claim": lambda inbox, review, by: inbox.claim(review.id, by=by),
    "release": lambda inbox, review, by: inbox.release(review.id, by=by),
    "defer": deferring,
    "escalate": lambda inbox, review, by: inbox.escalate(review.id, by=by),
    "escalate to others": lambda inbox, review, by: inbox.escalate(review.id, by=by, to="others"),
    "assign": lambda inbox, review, by: inbox.assign(review.id, to=None, by=by),
}
CLIMBS = ("say escalate", "escalate")


def word_of(operation: str) -> str:
    """What somebody may not do, in the words of the error."""
    first = operation.removeprefix("say ").split(" ")[0]
    return (
        first
        if first in ("assign", "cancel", "claim", "defer", "escalate", "release")
        else "decide"
    )


def louder(state: dict[str, Any]) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def ask(desk: Desk, reviewers: Any, **options: Any) -> Question:
    others = {"others": Escalation(reviewers="editors", queue="others")}
    usual: dict[str, Any] = {"requester": "case", "revise": louder, "reads": ["draft"]}
    usual["escalations"] = others
    gate = human_approval("draft", inbox=desk.inbox, reviewers=reviewers, **usual | options)
    return desk.ask(desk.app(one_gate(gate)), {"draft": "Hello", "case": REQUESTER})


@pytest.mark.parametrize("act", OPERATIONS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_who_may_do_what(desk: Desk, case: Case, act: str) -> None:
    question = ask(desk, case.reviewers)
    review = question.review
    stopped = {who: needed for who, needed in case.needed.items() if needed is not None}
    for number, (who, needed) in enumerate(stopped.items(), 1):
        by = case.who[who]
        with pytest.raises(NotAuthorised, match=needed) as heard:
            OPERATIONS[act](desk.inbox, review, by)
        assert needed in heard.value.needed
        assert f"{id_of(by)} may not {word_of(act)} it; {heard.value.needed}" in str(heard.value)
        check_unchanged(question, review, number)
        row = desk.inbox.history(review.id)[-1]
        assert (row.actor, row.reason) == (id_of(by), heard.value.needed)
    if act in CLIMBS and not isinstance(case.reviewers, Chain):
        return
    for who in case.who.keys() - stopped.keys():
        free = ask(desk, case.reviewers)
        waits = free.review
        OPERATIONS[act](desk.inbox, waits, case.who[who])
        assert "refused" not in free.events(waits.id)
        assert act == "release" or len(free.events(waits.id)) > 1


STAFF = Roster(
    Member(Reviewer("maria", "editors", level="lead"), absences=[AWAY], delegate="cem"),
    Member(Reviewer("lea", "editors"), absences=[AWAY]),
    Member(Reviewer(REQUESTER, "editors"), absences=[AWAY], delegate="dora"),
    Reviewer("cem"),
    Reviewer("dora", "editors"),
    Reviewer("jo", "writers"),
)
IN_DIRECTORY: dict[str, tuple[Reviewer | str, str | None]] = {
    "who may": ("dora", None),
    "delegated": ("cem", None),
    "absent": ("maria", "maria is absent until .* cem acts meanwhile"),
    "absent, without a delegate": ("lea", "nobody acts meanwhile"),
    "claims a role": (Reviewer("jo", "editors", level="director"), "editors"),
    "not in it": (Reviewer("eve", "editors"), "eve"),
    "who asked, by a delegate": (REQUESTER, "absent|four eyes"),
}


@pytest.mark.parametrize("act", [name for name in OPERATIONS if name not in CLIMBS])
def test_who_may_do_what_by_the_directory(desk: Desk, act: str) -> None:
    desk.inbox.close()
    desk.inbox = desk._stack.enter_context(Inbox.open(desk._url, clock=FixedClock(), people=STAFF))
    question = ask(desk, "editors")
    review = question.review
    stopped = [(by, needed) for by, needed in IN_DIRECTORY.values() if needed is not None]
    for number, (by, needed) in enumerate(stopped, 1):
        with pytest.raises(NotAuthorised, match=needed):
            OPERATIONS[act](desk.inbox, review, by)
        check_unchanged(question, review, number)
    for by, refusal in IN_DIRECTORY.values():
        if refusal is None:
            free = ask(desk, "editors")
            waits = free.review
            OPERATIONS[act](desk.inbox, waits, by)
            assert "refused" not in free.events(waits.id)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_who_may_override(desk: Desk, case: Case) -> None:
    """Only those whom the inbox names, whatever they might decide."""
    desk.inbox.close()
    desk.inbox = desk._stack.enter_context(Inbox.open(desk._url, overrides="board"))
    question = ask(desk, case.reviewers)
    review = question.review
    asked = Reviewer(REQUESTER, "board")
    for number, by in enumerate((*case.who.values(), asked), 1):
        with pytest.raises(NotAuthorised):
            desk.inbox.override(review.id, Reject(), by=by, reason="because")
        check_unchanged(question, review, number)
    chair = Reviewer("chair", "board")
    desk.inbox.override(review.id, Reject("no"), by=chair, reason="because")
    assert question.record["decided_by"] == "chair"
    assert question.ran == ["stop:Hello"]


def id_of(by: Reviewer | str) -> str:
    return by if isinstance(by, str) else by.id


def check_unchanged(question: Question, review: Review, refusals: int = 1) -> None:
    """Nothing but the audit of the refusals came of it."""
    inbox = question.desk.inbox
    assert question.review == review
    assert question.events(review.id) == ["filed"] + ["refused"] * refusals
    assert inbox.votes(review.id) == []
    assert question.ran == []
    assert inbox.work().idle
    assert inbox.verify()


def test_nobody_has_a_name_of_the_package(desk: Desk) -> None:
    question = ask(desk, None)
    review = question.review
    for by in ("system:deadline", "system:x", "direct", "*", " ", ""):
        for act in OPERATIONS.values():
            with pytest.raises(InboxError, match="by= takes a Reviewer or an id"):
                act(desk.inbox, review, by)
    check_unchanged(question, review, refusals=0)


RAW: dict[str, Any] = {
    "approve": {"type": "approve"},
    "edit": {"type": "edit", "value": "Bye"},
    "reject": {"type": "reject"},
    "revise": {"type": "revise", "feedback": "louder"},
    "for chat clients": {"decisions": [{"type": "approve"}]},
    "for Agent Inbox": [{"type": "accept", "args": None}],
}


@pytest.mark.parametrize("answer", RAW.values(), ids=RAW)
@pytest.mark.parametrize("name", CASES)
def test_who_resumes_the_graph_itself_is_nobody_in_particular(
    desk: Desk, name: str, answer: Any
) -> None:
    """So it is refused where somebody is named, and where somebody may not."""
    question = ask(desk, CASES[name].reviewers)
    review = question.review
    assert "__interrupt__" in question.app.invoke(Command(resume=answer), question.config)
    (asked,) = question.app.get_state(question.config).interrupts
    by_id: Command[Any] = Command(resume={asked.id: answer})
    assert "__interrupt__" in question.app.invoke(by_id, question.config)
    check_unchanged(question, review, refusals=2)
    assert {row.actor for row in desk.inbox.history(review.id)[1:]} == {"direct"}


def test_who_resumes_the_graph_itself_cannot_pass_it_up(desk: Desk) -> None:
    question = ask(desk, chain("lead", "director"))
    review = question.review
    question.app.invoke(Command(resume={"type": "escalate"}), question.config)
    check_unchanged(question, review)


EDITED = {"name": "human_approval", "args": {"draft": "Bye"}}
CLAIMS: dict[str, Any] = {
    "by": {"type": "approve", "by": "dora"},
    "roles": {"type": "approve", "by": "dora", "roles": ["editors", "director"]},
    "level": {"type": "approve", "by": "dora", "level": "director"},
    "skills": {"type": "approve", "skills": ["tax"]},
    "needed": {"type": "approve", "by": "system:deadline"},
    "in an edit": {"type": "edit", "edited_action": EDITED, "by": "dora"},
    "in an edit, level": {"type": "edit", "edited_action": EDITED | {"level": "director"}},
    "in its arguments": {
        "type": "edit",
        "edited_action": {"name": "human_approval", "args": {"draft": "Bye", "by": "dora"}},
    },
    "among decisions": {"decisions": [{"type": "approve", "by": "dora"}]},
    "beside decisions": {"decisions": [{"type": "approve"}], "by": "dora", "roles": ["editors"]},
    "beside, level": {"decisions": [{"type": "approve"}], "level": "director"},
    "for Agent Inbox": [{"type": "accept", "args": None, "by": "dora"}],
    "for Agent Inbox, args": [{"type": "accept", "args": {"by": "dora", "level": "director"}}],
    "as a verdict": {"decision": {"type": "approve"}, "by": "dora", "at": "2026-01-05T09:00:00Z"},
    "a timeout": {"type": "timeout", "by": "system:deadline"},
    "a cancel": {"type": "cancel", "by": "dora"},
}


@pytest.mark.parametrize("answer", CLAIMS.values(), ids=CLAIMS)
@pytest.mark.parametrize("reviewers", ["editors", chain("lead", "director")], ids=str)
def test_an_answer_that_claims_an_identity_changes_nothing(
    desk: Desk, reviewers: str | Panel, answer: Any
) -> None:
    question = ask(desk, reviewers)
    review = question.review
    try:
        question.app.invoke(Command(resume=answer), question.config)
        refusals = 1
    except ValueError:  # not an answer at all
        refusals = 0
    check_unchanged(question, review, refusals)


def test_the_identity_that_resume_writes_claims_nothing_either(desk: Desk) -> None:
    question = ask(desk, "editors")
    review = question.review
    [request] = pending(question.app, question.config)
    question.app.invoke(resume(request, Approve(), by="maria"), question.config)
    check_unchanged(question, review)


def test_who_may_where_anybody_may_is_who_it_says(desk: Desk) -> None:
    """Where a plain answer counts, it still is nobody's in particular."""
    question = ask(desk, None, requester=None)
    review = question.review
    question.app.invoke(Command(resume={"type": "approve", "by": "dora"}), question.config)
    assert desk.inbox.get(review.id).decided_by == "direct"
    assert question.record["decided_by"] == "direct"


def test_who_was_refused_may_be_told_who_may(desk: Desk) -> None:
    question = ask(desk, chain("lead", "director"))
    ann = Reviewer("ann", level="member")
    assert desk.inbox.pending(reviewer=ann) == []
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(question.review.id, Approve(), by=ann)
    assert question.review.request["panel"]["needed"] == ["one of the level 'lead' or above"]


def test_what_a_person_claims_to_look_at_gives_no_authority(desk: Desk) -> None:
    question = ask(desk, "editors")
    review = question.review
    desk.inbox.claim(review.id, by=Reviewer("maria", roles="editors"), length=timedelta(hours=1))
    with pytest.raises(NotAuthorised):
        desk.inbox.release(review.id, by="maria")
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(review.id, Approve(), by="maria")
    kept = question.review
    assert replace(kept, claimed_by=None, claimed_until=None) == replace(
        review, updated_at=kept.updated_at
    )
