"""`crowd`: several people answer a question by themselves; what most of them say is the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import Unpack

from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.errors import GateError, NotApproved
from langgraph_hitl.patterns.options import WaitingOptions, known
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.reviewer import Reviewer
from langgraph_hitl.triggers.trigger import Trigger

if TYPE_CHECKING:
    from langgraph_hitl.stats.consensus import Consensus
    from langgraph_hitl.stats.dawid_skene import Fit


def crowd(
    question: str | Callable[[Any], str],
    *,
    answer: Choice,
    people: int,
    of: Any = None,
    consensus: float = 0.5,
    early: bool = False,
    into: str | None = None,
    action: str | None = None,
    context: str | Sequence[str] | Callable[[Any], Mapping[str, Any]] | None = None,
    required_context: Sequence[str] = (),
    when: Trigger | Callable[[Any], Any] | None = None,
    criteria: str | Sequence[str] | Callable[[Any], Any] | None = None,
    reads: Sequence[str] = (),
    state_schema: type[Any] | None = None,
    clock: Clock = system_clock,
    name: str = "crowd",
    **waiting: Unpack[WaitingOptions],
) -> Gate:
    """A gate at which several people answer one question, none of them seeing what others said.

    It ends as `chosen` with the answer that is ahead of all others and that two people at least,
    and a share of `consensus` of all `people`, gave; and as `rejected` where there is none: send
    that to an expert. Who abstains is one of `people` and supports nothing. `consensus(state)` says
    how sure it is.

    Args:
        question: The text, or a function of the state that gives it. What it is about goes into
            `context`.
        answer: `Choice("cat", "dog")`, of which everybody gives one.
        people: How many people answer or abstain, two at least.
        of: Who may answer: a role, a `Reviewer`, several of these; anybody without it.
        consensus: The least share of all `people` for the answer that leads, from 0 to 1.
        early: End as soon as the answers that are missing cannot change who leads.
        into: The state key that takes the answer.

    The other options are those of `human_approval`.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect.

    >>> from langgraph_hitl import Choice, crowd
    >>> crowd("What is it?", answer=Choice("cat", "dog"), people=5, context=["picture"]).name
    'crowd'
    """
    from langgraph_hitl.panels import poll

    options = known(crowd, waiting, WaitingOptions, meant={"reviewers": "of"})
    if not isinstance(answer, Choice) or answer.multiple:
        raise GateError("crowd: answer= is a Choice(...) of which everybody gives one")
    _check_people(people, of, consensus)
    return review_gate(
        kind="crowd",
        name=name,
        subject=None,
        question=question,
        default_decisions=("choose",),
        choice=answer,
        into=into,
        action=action,
        context=context,
        required_context=required_context,
        when=when,
        criteria=criteria,
        reads=reads,
        state_schema=state_schema,
        clock=clock,
        reviewers=poll(people, of=of, consensus=consensus, early=early),
        **options,
    )


def _check_people(people: Any, of: Any, consensus: Any) -> None:
    """What `poll` would say of its own options, in the words of these."""
    if isinstance(people, bool) or not isinstance(people, int) or people < 2:
        raise GateError(
            f"crowd: people= says how many answer, two at least, not {people!r:.40}; one person is "
            "asked by ask_human"
        )
    named = of if isinstance(of, list | tuple | set | frozenset) else ()
    if named and all(isinstance(one, Reviewer) for one in named) and len(named) < people:
        raise GateError(
            f"crowd: of= names {len(named)}, who never give the {people} answers of people=; "
            "name more, or ask for fewer"
        )
    if isinstance(consensus, bool) or not isinstance(consensus, int | float):
        raise GateError(f"crowd: consensus= is a share from 0 to 1, not {consensus!r:.40}")
    if not 0 <= consensus <= 1:
        hint = f"; for {consensus:g} % pass {consensus / 100:g}" if 1 < consensus <= 100 else ""
        raise GateError(f"crowd: consensus= is a share from 0 to 1, not {consensus!r:.40}{hint}")


def consensus(state: Any, *, gate: str | None = None, skills: Fit | None = None) -> Consensus:
    """What the newest `crowd` said, or that of the node `gate`, and how sure it is.

    `answer` (None where fewer than two have answered), `confidence`, the 95 % interval of the share
    as `low` and `high`, and the `counts`. The confidence is the share of all who were asked, who
    abstained too; with `skills` the probability that the answer is right, times the share of those
    who gave one.

    Args:
        state: The state of the graph.
        skills: What `langgraph_hitl.stats.dawid_skene` found of these people in earlier answers; it
            takes tens of answers of each. Heads are counted without it.

    Raises `NotApproved` where no crowd has answered, and `GateError` for other skills.

    >>> consensus({"reviews": []})
    Traceback (most recent call last):
    langgraph_hitl.errors.NotApproved: no crowd has answered
    """
    from langgraph_hitl.stats.consensus import consensus_of
    from langgraph_hitl.stats.dawid_skene import Fit

    if skills is not None and not isinstance(skills, Fit):
        raise GateError(
            "skills is what langgraph_hitl.stats.dawid_skene gave of earlier answers, not "
            f"{skills!r:.60}"
        )
    votes = _votes(state, gate)
    said = {vote["by"]: vote["choices"][0] for vote in votes if vote["type"] == "choose"}
    if not said:
        raise NotApproved("no crowd has answered" + (f" at {gate!r}" if gate else ""))
    return consensus_of(said, abstained=len(votes) - len(said), skills=skills)


def _votes(state: Any, gate: str | None) -> list[dict[str, Any]]:
    """The votes on the newest question of a crowd."""
    reviews = state.get("reviews") if isinstance(state, dict) else getattr(state, "reviews", None)
    for record in reversed(reviews or []):
        if record["kind"] == "crowd" and gate in (None, record.get("gate")):
            votes: list[dict[str, Any]] = (
                record["decisions"][-1].get("votes", []) if record["decisions"] else []
            )
            return votes
    return []
