"""`Execution`: the approved steps of a plan, one superstep each, with a question before some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgraph.graph import END
from langgraph.types import Command

from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.errors import ReviewError
from langgraph_hitl.patterns._rounds import Rounds, newest
from langgraph_hitl.review.digest import NotJson
from langgraph_hitl.review.items import APPROVING_ITEM
from langgraph_hitl.review.snapshot import take
from langgraph_hitl.review.state import approved_items

STEP, ANSWER = "hitl_step", "hitl_step_answer"
"""The channels with the step that is next, and with what a person answered for it."""

GIVEN = ("step", "answer", "idempotency_key", "results")
"""What `execute` is called with, beside the keys of the state."""

_STATUS = {"skip": "skipped"} | dict.fromkeys(APPROVING_ITEM, "approved")


class Execution:
    """The nodes that run a plan. `plan_gate` is where it is approved."""

    def __init__(self, rounds: Rounds, plan_gate: str) -> None:
        self.name, self.key, self.reads = rounds.name, rounds.key, rounds.reads
        self.history = rounds.history
        self.results = f"{rounds.name}_results"
        self.question = f"{rounds.name}_question"
        self.step, self.answers = f"{rounds.name}_step", f"{rounds.name}_answer"
        self.plan_gate = plan_gate

    def gate(self, options: Any) -> Gate:
        """The gate that puts the question of a step."""
        return review_gate(
            kind="ask_human",
            name=self.question,
            subject=None,
            question=lambda state: state[STEP]["value"]["ask"],
            default_decisions=("respond", "reject"),
            edit_schema=str,
            into=ANSWER,
            context=lambda state: {"step": state[STEP]["value"], "results": state[self.results]},
            reads=(STEP, self.results, *self.reads),
            **{name: option for name, option in options.items() if name != "on_recall"},
        )

    def begin(self, state: Mapping[str, Any], update: dict[str, Any]) -> Command[Any]:
        """Every step with what was decided about it, and the first one that may run.

        `update` is of the node that calls this.
        """
        results = [
            {
                "id": entry["id"],
                "do": entry["value"]["do"],
                "status": _STATUS.get(entry["type"], "rejected"),
                "by": entry["by"],
            }
            for entry in newest(state, self.plan_gate)["items"]
            if "value" in entry
        ]
        begun = self._next(state, results)
        return Command(update=update | (begun.update or {}), goto=begun.goto)

    def answered(self, state: Mapping[str, Any]) -> Command[Any]:
        """The step runs with an answer; without one it does not run, nor does any after it."""
        if newest(state, self.question)["outcome"] == "answered":
            return Command(goto=self.step)
        results = [
            {**one, "status": "not run"} if one["status"] == "approved" else one
            for one in state[self.results]
        ]
        return self._over(state, results, outcome="halted", step=state[STEP]["id"])

    def given(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """What `execute` is called with; raises `ReviewError` where a result was lost."""
        item = state[STEP]
        self._check_kept(state[self.results])
        return {key: state.get(key) for key in self.reads} | {
            "step": item["value"],
            "answer": state.get(ANSWER) if "ask" in item["value"] else None,
            "idempotency_key": item["idempotency_key"],
            "results": state[self.results],
        }

    def ran(self, state: Mapping[str, Any], result: Any) -> Command[Any]:
        """The result of a step. It has run: what cannot be kept is an error of the next one."""
        item = state[STEP]
        done = {"status": "done", **_kept(result)}
        if "ask" in item["value"]:
            done["answer"] = state[ANSWER]
        results = [
            {**one, **done} if one["id"] == item["id"] else one for one in state[self.results]
        ]
        if "lost" in done:
            return Command(update={self.results: results}, goto=self.step)
        return self._next(state, results)

    def _check_kept(self, results: list[dict[str, Any]]) -> None:
        for one in results:
            if "lost" in one:
                raise ReviewError(
                    f"{self.name!r}: the step {one['id']!r} ({one['do']!r:.80}) ran, once, and its "
                    f"result cannot be kept: {one['lost']}. Neither it nor any step after it runs: "
                    f"app.update_state(config, {{{self.results!r}: [...], {self.history!r}: "
                    f"[{{'event': 'executed', 'outcome': 'approved'}}]}}, as_node={self.name!r}) "
                    "writes what the plan would have, and then app.invoke(None, config) goes on. "
                    "For the next time, return JSON or messages from execute="
                )

    def _next(self, state: Mapping[str, Any], results: list[dict[str, Any]]) -> Command[Any]:
        waiting = next((one["id"] for one in results if one["status"] == "approved"), None)
        if waiting is None:
            return self._over(state, results, outcome="approved")
        items = approved_items(state, self.key, gate=self.plan_gate)
        step = next(item for item in items if item["id"] == waiting)
        update = {self.results: results, STEP: step}
        return Command(update=update, goto=self.question if "ask" in step["value"] else self.step)

    def _over(
        self, state: Mapping[str, Any], results: list[dict[str, Any]], **how: Any
    ) -> Command[Any]:
        event = {"event": "executed", **how}
        update = {self.results: results, self.history: [*state[self.history], event]}
        return Command(update=update, goto=END)


def _kept(result: Any) -> dict[str, Any]:
    """A result as a checkpoint keeps it, or why it cannot."""
    try:
        return {"result": take(result).shown}
    except (NotJson, RecursionError) as error:
        return {"lost": f"{type(result).__name__} ({error})"}
