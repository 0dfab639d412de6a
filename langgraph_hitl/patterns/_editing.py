"""`Editing`: the nodes between the people and the model who edit a text together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgraph.graph import END
from langgraph.types import Command

from langgraph_hitl._subgraph.channels import TURN
from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import SubjectError
from langgraph_hitl.patterns._rounds import Rounds, newest
from langgraph_hitl.review.diff import difference
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.review.items import APPROVING_ITEM
from langgraph_hitl.review.outcome import APPROVING
from langgraph_hitl.review.suggestion import (
    Changed,
    anchored,
    read_suggestions,
    with_suggestions,
)

OPEN = "hitl_suggestions"
"""The channel with the suggestions that people are asked about."""

GIVEN = ("text", "guidance", "round", "history")
"""What the model is called with, beside the keys of the state."""

SHOWN = ("text", "changes", "suggestions", "round", "rounds_left")
"""What people see, beside the keys of the state."""

REFUSED = "with what was accepted at the same time the text does not fit the state: {problem}"

_OVER = frozenset({"timed_out", "cancelled"})
_BECAME = {
    "approve": "applied",
    "edit": "applied as edited",
    "skip": "later",
    "open": "open",
    "withdrawn": "withdrawn",
}


class Editing:
    """The nodes of one `co_edit`, and what people are shown."""

    def __init__(self, rounds: Rounds, max_rounds: int) -> None:
        self.key, self.history, self.reads = rounds.key, rounds.history, rounds.reads
        self.name, self.default = rounds.name, rounds.default
        self.field = rounds.field
        self.suggest, self.asks = f"{self.name}_suggest", f"{self.name}_suggestions"
        self.applies, self.reads_back = f"{self.name}_apply", f"{self.name}_text"
        self.notes = f"{self.name}_note"
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
        later = [anchored(one, text) for one in turn["later"]]
        made = read_suggestions(
            result,
            of=f"{self.name!r}: suggest=",
            text=text,
            numbered_from=turn["number"],
            taken=[one["id"] for one in later],
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
        return Command(update=update, goto=self.asks if later or made else self.reads_back)

    def apply(self, state: Mapping[str, Any]) -> Any:
        """What was accepted goes into the text, and what cannot is asked about again."""
        record = newest(state, self.asks)
        turn, text, outcome = state[TURN], state[self.key], record["outcome"]
        over = outcome in _OVER
        said = [] if over else record["items"]
        accepted = [one["value"] for one in said if one["type"] in APPROVING_ITEM]
        changed = self._changed(text, accepted)
        again = [
            {**anchored(one, changed.text), "conflict": changed.conflicts[one["id"]]}
            for one in accepted
            if one["id"] in changed.conflicts
        ]
        event = {
            "event": "suggestions",
            **_said(record, turn),
            "suggestions": self._told(record, changed.conflicts, state),
            "changes": difference(text, changed.text),
            "text": changed.text,
        }
        later = [one["value"] for one in said if one["type"] == "skip"]
        turn = {**turn, "later": [*turn["later"], *later], "guidance": _heard(turn, record)}
        update = {
            self.key: turn["first"] if over else changed.text,
            TURN: turn,
            OPEN: again,
            self.history: [*state[self.history], event],
        }
        return Command(update=update, goto=self._after_suggestions(outcome, turn, again))

    def _changed(self, text: str, accepted: list[dict[str, Any]]) -> Changed:
        """The text with what was accepted, if the state could hold it."""
        changed = with_suggestions(text, accepted)
        problem = self.field.problem(changed.text) if self.field else None
        if problem is None:
            return changed
        refused = {one["id"]: REFUSED.format(problem=problem) for one in accepted}
        return Changed(text, refused | changed.conflicts)

    def note(self, state: Mapping[str, Any]) -> Any:
        """What was said about the text ends it, or goes to the model."""
        record = newest(state, self.reads_back)
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
        return Command(update=update, goto=self.suggest if more else END)

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

    def _told(
        self, record: Mapping[str, Any], conflicts: Mapping[str, str], state: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Every suggestion with what became of it, and with who has added it to the model's."""
        made = {one["id"]: one for one in state[OPEN]}
        editors = [one["by"] for one in record["decisions"] if one["type"] == "edit"]
        gone = {"type": "withdrawn", "by": editors[-1] if editors else None}
        found = {one["id"]: one for one in record["items"] if "value" in one}
        over = record["outcome"] in _OVER
        told = []
        for entry in (found.get(item, {"id": item, **gone}) for item in {**made, **found}):
            value = entry.get("value") or made[entry["id"]]
            one = {k: v for k, v in value.items() if k not in ("on", "conflict")}
            one |= {"became": "open" if over else _became(entry, conflicts), "by": entry["by"]}
            if entry["id"] not in made:
                one["suggested_by"] = editors[-1]
            if entry["id"] in conflicts:
                one["conflict"] = conflicts[entry["id"]]
            if "message" in entry:
                one["message"] = entry["message"]
            told.append(one)
        return told

    def _after_suggestions(self, outcome: str, turn: Mapping[str, Any], again: list[Any]) -> str:
        if outcome in _OVER:
            return END
        if again:
            return self.asks
        more = outcome == "needs_revision" and turn["round"] < self.max_rounds
        return self.suggest if more else self.reads_back

    def _text(self, state: Mapping[str, Any]) -> str:
        text = state.get(self.key)
        text = self.default() if text is None else text
        holds = f"{self.name!r}: the state key {self.key!r} holds {text!a:.60}"
        if not isinstance(text, str) or is_blank(text):
            raise SubjectError(f"{holds}; to edit it takes a text that is not blank")
        try:
            text = str(plain_json(text))
        except NotJson as error:
            raise SubjectError(f"{holds}, which cannot be kept ({error})") from None
        problem = self.field.problem(text) if self.field else None
        if problem is not None:
            raise SubjectError(f"{holds}, which the state's schema refuses: {problem}")
        return text


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


def _became(entry: Mapping[str, Any], conflicts: Mapping[str, str]) -> str:
    if entry["id"] in conflicts:
        return "conflict"
    return _BECAME.get(entry["type"], "refused")


def _edit(version: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody's own edit of the text, from the history of its review."""
    decision = version["decision"]
    return {"by": decision["by"], "at": decision["at"], "changes": version["diff"]}
