"""`plan_together`: a model proposes a plan, people work on it, and its steps run one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph.graph import END, StateGraph
from langgraph.types import Command
from typing_extensions import Unpack

from langgraph_hitl._subgraph.channels import TURN
from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.patterns._chat import PLAN
from langgraph_hitl.patterns._execution import ANSWER, GIVEN, STEP, Execution
from langgraph_hitl.patterns._rounds import Rounds, check_rounds, model_node, newest, shown_of
from langgraph_hitl.patterns.options import FilingOptions, known
from langgraph_hitl.review.diff import difference
from langgraph_hitl.review.outcome import APPROVING
from langgraph_hitl.review.plan import OwnStep, read_plan

_GIVEN = ("plan", "feedback", "answers", "round", "history")
"""What `propose` is called with, beside the keys of the state."""

_SHOWN = ("risks", "questions", "answers", "changes", "round", "rounds_left")
"""What people see, beside the keys of the state."""


def plan_together(
    builder: StateGraph[Any, Any, Any, Any],
    name: str,
    key: str,
    *,
    propose: Any,
    execute: Any,
    approved: str,
    rejected: str,
    exhausted: str | None = None,
    timed_out: str | None = None,
    halted: str | None = None,
    max_rounds: int = 3,
    reads: Sequence[str] = (),
    context: Sequence[str] = (),
    criteria: Sequence[str] = (),
    action: str | None = None,
    clock: Clock = system_clock,
    **filing: Unpack[FilingOptions],
) -> None:
    """Add a node to a graph in which people and a model make a plan, which then runs step by step.

    People see the steps, the risks, the open questions, and what has changed since the round
    before. `Revise("cheaper", parts={"q1": "In May"})` answers questions by their ids, says what
    else to change, and leads to the next proposal, which is decided anew. `Items` decides the steps
    one by one, as at `plan_approval`; `Edit([...])` is another list of those that are open, with
    steps of one's own, and is shown again. `Approve` and `Reject` decide all that is open.

    Then every approved step runs, in its order and as it was approved, each in a superstep of its
    own; no other step runs. Where a step has `ask`, a person answers that question first: `Respond`
    lets it run with the answer, `Reject` halts the plan, as does time that ran out.

    `key` takes the list of the steps that were approved. `{name}_results` has each step with its
    `status` (`done` with its `result`, `skipped`, `rejected`, `not run`), `{name}_history` every
    version of the plan with what was said: declare them in the state to read them in a node.

    Args:
        builder: The graph under construction; its state has `key`, `review` and `reviews`.
        name: The node's name. The reviews in it are `{name}_plan` and `{name}_question`.
        key: The state key of the plan.
        propose: A function, a `Runnable` or a chat model, called with `plan` (the one before, or
            None), `feedback` (or None), `answers` (all so far, by question), `round` (from 1),
            `history`, and the keys in `reads`; a chat model gets these as JSON and answers by its
            structured output. Returns `{"steps": [{"do": ..., "ask": ...}], "risks": [...],
            "questions": [{"question": ...}]}`.
        execute: A function or a `Runnable`, called with `step`, `answer` (or None),
            `idempotency_key`, `results` so far, and the keys in `reads`; what it returns is the
            step's result, JSON or messages. Where it raises, `app.invoke(None, config)` runs this
            step again.
        approved: The node (or `END`) after the last step.
        rejected: The node where the plan is refused, and where whatever has no way of its own goes.
        exhausted: Where changes are asked for after `max_rounds`. It approves nothing.
        timed_out: Where nobody decided on the plan in time.
        halted: Where the question of a step was not answered.
        max_rounds: How often the model proposes.
        reads: State keys that `propose` and `execute` get, and those that functions in `filing`
            read.
        context: State keys that people see beside the plan.
        criteria: What to check.
        action: What happens after the approval.
        clock: Gives the present moment in UTC.
        filing: The options of `human_approval` that say who decides, and where it waits.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect. While it runs,
            before anybody is asked: `Send` runs it, or what is beside it writes `key` too.
        ProposalFailed: While it runs: `propose` returned no plan. `app.invoke(None, config)` calls
            it again.
        ReviewError: While it runs: `execute` returned what cannot be kept. The step is not
            repeated.

    ```python
    plan_together(
        builder, "trip", "plan", propose=planner, execute=do, approved="report", rejected="stop"
    )
    ```
    """
    options: Any = known(plan_together, filing, FilingOptions)
    rounds = Rounds(
        builder,
        name,
        key,
        reads=reads,
        private=[STEP, ANSWER],
        gives=[f"{name}_results"],
    )
    planning = _Planning(rounds, check_rounds(max_rounds))
    rounds.check_read("reads", rounds.reads, (*_GIVEN, *GIVEN))
    run, shown = planning.run, rounds.check_read("context", context, _SHOWN)
    common: Any = {"clock": clock, **options}
    first = {run.question: "asks first", run.step: "next"}
    rounds.add_node(
        planning.propose,
        model_node("propose", propose, planning.given, planning.proposed, PLAN),
        {planning.gate: "proposed"},
    )
    gate = _gate(planning, action or name, shown, {"criteria": criteria, **common})
    rounds.add_gate(planning.gate, gate, planning.notes)
    again = {planning.propose: "again", **first, END: "refused"}
    rounds.add_node(planning.notes, planning.note, again)
    rounds.add_gate(run.question, run.gate(common), run.answers)
    rounds.add_node(run.answers, run.answered, {run.step: "answered", END: "halted"})
    hands = model_node("execute", execute, run.given, run.ran)
    rounds.add_node(run.step, hands, {**first, END: "done"})
    rounds.check_expiry(timed_out, [planning.gate])
    ways = {"approved": approved, "needs_revision": exhausted, "timed_out": timed_out}
    rounds.finish(planning.propose, rejected=rejected, halted=halted, **ways)


class _Planning:
    """The rounds of one plan."""

    def __init__(self, rounds: Rounds, max_rounds: int) -> None:
        self.name, self.key, self.reads = rounds.name, rounds.key, rounds.reads
        self.history, self.default = rounds.history, rounds.default
        self.propose, self.gate = f"{self.name}_propose", f"{self.name}_plan"
        self.notes = f"{self.name}_note"
        self.max_rounds = max_rounds
        self.run = Execution(rounds, self.gate)

    def given(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """What `propose` is called with."""
        turn = state.get(TURN) or {}
        return {key: state.get(key) for key in self.reads} | {
            "plan": turn.get("plan"),
            "feedback": turn.get("feedback"),
            "answers": turn.get("answers", {}),
            "round": turn.get("round", 0) + 1,
            "history": state.get(self.history) or [],
        }

    def proposed(self, state: Mapping[str, Any], result: Any) -> Command[Any]:
        """The next version of the plan."""
        plan = read_plan(result, of=f"{self.name!r}: propose=")
        turn = state.get(TURN) or {
            "round": 0,
            "plan": None,
            "answers": {},
            "first": self._old(state),
        }
        before, number = turn["plan"], turn["round"] + 1
        changes = None if before is None else difference(before, plan)
        event = {"event": "proposed", "round": number, "plan": plan, "changes": changes}
        update = {
            self.key: plan["steps"],
            TURN: {**turn, "round": number, "plan": plan, "changes": changes},
            self.history: [*(state.get(self.history) or []), event],
        }
        return Command(update=update, goto=self.gate)

    def note(self, state: Mapping[str, Any]) -> Command[Any]:
        """What people made of the plan: the next round, its execution, or the end."""
        record = newest(state, self.gate)
        turn, outcome, steps = state[TURN], record["outcome"], record["items"]
        answers = self._answers(record, turn["plan"]["questions"])
        event = {
            "event": "decided",
            "round": turn["round"],
            "review_id": record["review_id"],
            "outcome": outcome,
            "by": record["decided_by"],
            "at": record["decided_at"],
            "feedback": record["feedback"],
            "answers": answers,
            "steps": steps,
        }
        update: dict[str, Any] = {self.history: [*state[self.history], event]}
        if outcome in APPROVING:
            return self.run.begin({**state, **update}, update)
        if outcome == "needs_revision" and turn["round"] < self.max_rounds:
            left = [entry["value"] for entry in steps if "value" in entry]
            update[TURN] = {
                **turn,
                "plan": {**turn["plan"], "steps": left},
                "feedback": record["feedback"],
                "answers": {**turn["answers"], **answers},
            }
            return Command(update=update, goto=self.propose)
        return Command(update={**update, self.key: turn["first"]}, goto=END)

    def shown(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The context of the steps."""
        turn = state[TURN]
        return {
            "risks": turn["plan"]["risks"],
            "questions": turn["plan"]["questions"],
            "answers": turn["answers"],
            "changes": turn["changes"],
            "round": turn["round"],
            "rounds_left": self.max_rounds - turn["round"],
        }

    def _old(self, state: Mapping[str, Any]) -> Any:
        old = state.get(self.key)
        old = self.default() if old is None else old
        return [] if old is None else old

    def _answers(self, record: Any, questions: list[dict[str, Any]]) -> dict[str, str]:
        """The remarks that answer a question of the plan."""
        asked = {question["id"] for question in questions}
        said = record["decisions"][-1].get("parts", {}) if record["decisions"] else {}
        return {part: remark for part, remark in said.items() if part in asked}


def _gate(planning: _Planning, action: str, shown: tuple[str, ...], common: Any) -> Gate:
    return review_gate(
        kind="plan_together",
        name=planning.gate,
        subject=planning.key,
        action=action,
        default_decisions=("approve", "edit", "reject", "revise", "items"),
        edit_schema=list[OwnStep],
        item_id="id",
        item_schema=OwnStep,
        context=shown_of(shown, planning.shown),
        questions="questions",
        reads=(TURN, *shown, *planning.reads),
        **common,
    )
