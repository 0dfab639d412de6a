"""`co_edit`: a model suggests changes to a text, and people take what they want of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph.graph import END, StateGraph
from langgraph.types import Command
from typing_extensions import Unpack

from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.errors import ProposalFailed, SubjectError
from langgraph_hitl.patterns._rounds import (
    TURN,
    Rounds,
    check_rounds,
    model_node,
    newest,
    read_keys,
)
from langgraph_hitl.patterns.options import FilingOptions, known
from langgraph_hitl.review.diff import difference
from langgraph_hitl.review.items import APPROVING_ITEM
from langgraph_hitl.review.outcome import APPROVING
from langgraph_hitl.review.plan import NotBlank
from langgraph_hitl.review.suggestion import (
    Suggestion,
    anchored,
    read_suggestions,
    with_suggestions,
)

OPEN = "hitl_suggestions"
"""The channel with the suggestions that people are asked about."""

_BECAME = {"approve": "applied", "edit": "applied as edited", "auto": "applied", "skip": "later"}


def co_edit(
    builder: StateGraph[Any, Any, Any, Any],
    name: str,
    key: str,
    *,
    suggest: Any,
    approved: str,
    rejected: str,
    exhausted: str | None = None,
    timed_out: str | None = None,
    max_rounds: int = 3,
    reads: Sequence[str] = (),
    context: Sequence[str] = (),
    criteria: Sequence[str] = (),
    action: str | None = None,
    clock: Clock = system_clock,
    **filing: Unpack[FilingOptions],
) -> None:
    """Add a node to a graph in which people and a model edit the text under `key` together.

    Each round the model makes suggestions, and people are asked twice. First about these, one by
    one, as by `plan_approval`: `Items({"1": Approve(), "2": Edit({...}), "3": Reject("no")})`;
    `Skip` keeps one for later. Then about the text with what was accepted, and with what has
    changed: `Approve` ends it, `Edit` is a version of one's own and is shown again,
    `Revise("shorter")` tells the model what to suggest next, and `Reject` gives up. The model gets
    a comment in the next round.

    Nothing but an accepted suggestion or an edit changes the text. A suggestion whose words are not
    in the text any more, or that replaces what another one replaces which was accepted with it, is
    asked about again with its `conflict`.

    `approved(state, key)` gives the text that was approved; where none was, the key keeps what it
    had before. `{name}_history` has every event with the version that it led to: declare it in the
    state to read it in a node.

    Args:
        builder: The graph under construction; its state has `key`, `review` and `reviews`.
        name: The node's name. The reviews in it are `{name}_suggestions` and `{name}_text`.
        key: The state key of the text.
        suggest: A function or a `Runnable`, called with `text`, `guidance` (or None), `round`
            (from 1), `history`, and the keys in `reads`. Returns a list of
            `{"replaces": ..., "replacement": ..., "why": ...}`, by itself or under `suggestions`;
            `replaces` quotes the text, and `at` says where if the words stand there more than
            once.
        approved: The node (or `END`) after an approved text.
        rejected: The node where somebody gives up, and where whatever has no way of its own goes.
        exhausted: Where changes are asked for after `max_rounds`. It approves nothing.
        timed_out: Where nobody answered in time.
        max_rounds: How often the model suggests.
        reads: State keys that `suggest` gets, and those that functions in `filing` read.
        context: State keys that people see beside the text.
        criteria: What to check.
        action: What happens after the approval.
        clock: Gives the present moment in UTC.
        filing: The options of `human_approval` that say who decides, and where it waits.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect.
        ProposalFailed: While it runs: `suggest` returned something else. `app.invoke(None, config)`
            calls it again.

    ```python
    co_edit(builder, "edit", "draft", suggest=improve, approved="publish", rejected="archive")
    ```
    """
    options: Any = known("co_edit", filing, FilingOptions)
    shown = read_keys("context", context)
    rounds = Rounds(builder, name, key, reads=read_keys("reads", reads), private=[OPEN])
    edit = _CoEdit(rounds, check_rounds(max_rounds))
    asks = edit.asks
    common: Any = {"criteria": criteria, "clock": clock, **options}
    rounds.add_node(
        "suggest",
        model_node("suggest", suggest, edit.given, edit.suggested),
        {asks[0]: "suggestions", asks[1]: "none"},
    )
    rounds.add_gate(asks[0], _suggestions_gate(edit, asks[0], shown, common), "apply")
    rounds.add_node(
        "apply",
        edit.apply,
        {asks[0]: "conflicts", asks[1]: "text", "suggest": "others", END: "over"},
    )
    rounds.add_gate(asks[1], _text_gate(edit, asks[1], action or name, shown, common), "note")
    rounds.add_node("note", edit.note, {"suggest": "again", END: "over"})
    ways = {"approved": approved, "rejected": rejected}
    ways["needs_revision"] = exhausted or rejected
    ways["timed_out"] = timed_out or rejected
    rounds.finish("suggest", ways)


class _CoEdit:
    """The nodes of one `co_edit`."""

    def __init__(self, rounds: Rounds, max_rounds: int) -> None:
        self.key, self.history, self.reads = rounds.key, rounds.history, rounds.reads
        self.name, self.default = rounds.name, rounds.default
        self.asks = (f"{rounds.name}_suggestions", f"{rounds.name}_text")
        self.max_rounds = max_rounds

    def given(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """What the model is called with."""
        turn = state.get(TURN) or {}
        return {key: state.get(key) for key in self.reads} | {
            "text": self._text(state),
            "guidance": turn.get("guidance"),
            "round": turn.get("round", 0) + 1,
            "history": state.get(self.history) or [],
        }

    def suggested(self, state: Mapping[str, Any], result: Any) -> Any:
        """The model's suggestions, and those that were kept for later."""
        text = self._text(state)
        turn = state.get(TURN) or {"round": 0, "first": text, "number": 1, "later": []}
        history = state.get(self.history) or []
        if not turn["round"]:
            history = [*history, {"event": "begun", "text": text}]
        made = read_suggestions(
            result, of=f"{self.name!r}: suggest=", text=text, numbered_from=turn["number"]
        )
        later = [anchored(one, text) for one in turn["later"]]
        if again := {one["id"] for one in made} & {one["id"] for one in later}:
            raise ProposalFailed(
                f"{self.name!r}: suggest= gives the id {min(again)!r} to another suggestion, while "
                "that one is kept for later; leave ids out to have them numbered"
            )
        turn = {
            **turn,
            "round": turn["round"] + 1,
            "number": turn["number"] + len(made),
            "later": [],
            "guidance": None,
            "seen": text,
        }
        update = {self.key: text, TURN: turn, OPEN: [*later, *made], self.history: history}
        return Command(update=update, goto=self.asks[0] if later or made else self.asks[1])

    def apply(self, state: Mapping[str, Any]) -> Any:
        """What was accepted goes into the text, and what cannot is asked about again."""
        record = newest(state, self.asks[0])
        turn, text, outcome = state[TURN], state[self.key], record["outcome"]
        entries = record["items"]
        over = outcome in ("timed_out", "cancelled")
        accepted = [] if over else [e["value"] for e in entries if e["type"] in APPROVING_ITEM]
        changed = with_suggestions(text, accepted)
        again = [
            {**anchored(one, changed.text), "conflict": changed.conflicts[one["id"]]}
            for one in accepted
            if one["id"] in changed.conflicts
        ]
        event = {
            "event": "suggestions",
            **_said(record, turn),
            "suggestions": [_told(entry, changed.conflicts, over=over) for entry in entries],
            "changes": difference(text, changed.text),
            "text": changed.text,
        }
        later = [e["value"] for e in entries if e["type"] == "skip"]
        turn = {**turn, "later": [*turn["later"], *later], "guidance": _heard(turn, record)}
        update = {
            self.key: turn["first"] if over else changed.text,
            TURN: turn,
            OPEN: again,
            self.history: [*state[self.history], event],
        }
        return Command(update=update, goto=self._after_suggestions(outcome, turn, again))

    def note(self, state: Mapping[str, Any]) -> Any:
        """What was said about the text ends it, or goes to the model."""
        record = newest(state, self.asks[1])
        turn, outcome = state[TURN], record["outcome"]
        more = outcome == "needs_revision" and turn["round"] < self.max_rounds
        event = {
            "event": "text",
            **_said(record, turn),
            "outcome": "approved" if outcome in APPROVING else outcome,
            "edits": [_edit(one) for one in record["history"]],
            "changes": difference(state[self.key], record["value"]),
            "text": record["value"],
        }
        kept = outcome in APPROVING or more
        update = {
            self.key: record["value"] if kept else turn["first"],
            TURN: {**turn, "guidance": _heard(turn, record)},
            self.history: [*state[self.history], event],
        }
        return Command(update=update, goto="suggest" if more else END)

    def shown_with_suggestions(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The context of the suggestions."""
        return {"text": state[self.key], **self._round(state)}

    def shown_with_text(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The context of the text."""
        seen = state[TURN]["seen"]
        last = state[self.history][-1]
        return {
            "changes": difference(seen, state[self.key]),
            "suggestions": last.get("suggestions", []),
            **self._round(state),
        }

    def _round(self, state: Mapping[str, Any]) -> dict[str, Any]:
        turn = state[TURN]
        return {"round": turn["round"], "rounds_left": self.max_rounds - turn["round"]}

    def _after_suggestions(self, outcome: str, turn: Mapping[str, Any], again: list[Any]) -> str:
        if outcome in ("timed_out", "cancelled"):
            return END
        if again:
            return self.asks[0]
        more = outcome == "needs_revision" and turn["round"] < self.max_rounds
        return "suggest" if more else self.asks[1]

    def _text(self, state: Mapping[str, Any]) -> str:
        text = state.get(self.key)
        text = self.default() if text is None else text
        if not isinstance(text, str) or not text.strip():
            raise SubjectError(
                f"{self.name!r}: the state key {self.key!r} holds {text!r:.60}; to edit it takes "
                "a text that is not blank"
            )
        return text


def _suggestions_gate(edit: _CoEdit, name: str, shown: tuple[str, ...], common: Any) -> Gate:
    options = {key: value for key, value in common.items() if key != "on_recall"}

    def context(state: Mapping[str, Any]) -> dict[str, Any]:
        return {key: state.get(key) for key in shown} | edit.shown_with_suggestions(state)

    return review_gate(
        kind="co_edit",
        name=name,
        subject=OPEN,
        default_decisions=("approve", "reject", "items", "revise"),
        item_id="id",
        item_schema=Suggestion,
        context=context,
        reads=(edit.key, TURN, OPEN, *shown, *edit.reads),
        write_back=False,
        **options,
    )


def _text_gate(edit: _CoEdit, name: str, action: str, shown: tuple[str, ...], common: Any) -> Gate:
    def context(state: Mapping[str, Any]) -> dict[str, Any]:
        return {key: state.get(key) for key in shown} | edit.shown_with_text(state)

    return review_gate(
        kind="co_edit",
        name=name,
        subject=edit.key,
        action=action,
        default_decisions=("approve", "edit", "reject", "revise"),
        edit_schema=NotBlank,
        resubmit_edits=True,
        context=context,
        reads=(edit.key, edit.history, TURN, *shown, *edit.reads),
        **common,
    )


def _said(record: Mapping[str, Any], turn: Mapping[str, Any]) -> dict[str, Any]:
    """Who said what in a review, for the history."""
    return {
        "round": turn["round"],
        "review_id": record["review_id"],
        "outcome": record["outcome"],
        "by": record["decided_by"],
        "at": record["decided_at"],
        "guidance": record["feedback"],
    }


def _heard(turn: Mapping[str, Any], record: Mapping[str, Any]) -> str | None:
    """What was said since the model has suggested something."""
    return "\n".join(filter(None, (turn["guidance"], record["feedback"]))) or None


def _told(entry: Mapping[str, Any], conflicts: Mapping[str, str], *, over: bool) -> dict[str, Any]:
    """A suggestion, and what became of it."""
    became = "open" if over else _BECAME.get(entry["type"], "refused")
    if entry["type"] in ("open", "withdrawn"):
        became = "open"
    elif entry["id"] in conflicts:
        became = "conflict"
    told = {k: v for k, v in entry["value"].items() if k not in ("on", "conflict")}
    told |= {"became": became, "by": entry["by"]}
    if entry["id"] in conflicts:
        told["conflict"] = conflicts[entry["id"]]
    return told | ({"message": entry["message"]} if "message" in entry else {})


def _edit(version: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody's own edit of the text, from the history of its review."""
    decision = version["decision"]
    return {"by": decision["by"], "at": decision["at"], "changes": version["diff"]}
