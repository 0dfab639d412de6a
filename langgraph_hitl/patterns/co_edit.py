"""`co_edit`: a model suggests changes to a text, and people take what they want of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph.graph import END, StateGraph
from typing_extensions import Unpack

from langgraph_hitl._subgraph.channels import TURN
from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.patterns._chat import SUGGESTIONS
from langgraph_hitl.patterns._editing import GIVEN, OPEN, SHOWN, Editing
from langgraph_hitl.patterns._rounds import Rounds, check_rounds, model_node, shown_of
from langgraph_hitl.patterns.options import FilingOptions, known
from langgraph_hitl.review.plan import NotBlank
from langgraph_hitl.review.suggestion import Suggestion


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
    `Skip` keeps one for later, and `Edit([...])` of the list adds suggestions of one's own. Then
    about the text with what was accepted, and with what has changed: `Approve` ends it, `Edit` is a
    version of one's own and is shown again, `Revise("shorter")` tells the model what to suggest
    next, and `Reject` gives up. The model gets a comment in the next round.

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
        suggest: A function, a `Runnable` or a chat model, called with `text`, `guidance` (or
            None), `round` (from 1), `history`, and the keys in `reads`; a chat model gets these as
            JSON and answers by its structured output. Returns a list of
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
        GateError: An option is unknown, contradicts another or could have no effect. While it runs,
            before anybody is asked: `Send` runs it, or what is beside it writes `key` too.
        ProposalFailed: While it runs: `suggest` returned something else. `app.invoke(None, config)`
            calls it again.

    ```python
    co_edit(builder, "edit", "draft", suggest=improve, approved="publish", rejected="archive")
    ```
    """
    options: Any = known(co_edit, filing, FilingOptions)
    rounds = Rounds(builder, name, key, reads=reads, private=[OPEN])
    rounds.check_read("reads", rounds.reads, GIVEN)
    shown = rounds.check_read("context", context, SHOWN)
    edit = Editing(rounds, check_rounds(max_rounds))
    common: Any = {"criteria": criteria, "clock": clock, **options}
    rounds.add_node(
        edit.suggest,
        model_node("suggest", suggest, edit.given, edit.suggested, SUGGESTIONS),
        {edit.asks: "suggestions", edit.reads_back: "none"},
    )
    rounds.add_gate(edit.asks, _suggestions_gate(edit, shown, common), edit.applies)
    rounds.add_node(
        edit.applies,
        edit.apply,
        {edit.asks: "conflicts", edit.reads_back: "text", edit.suggest: "others", END: "over"},
    )
    rounds.add_gate(edit.reads_back, _text_gate(edit, action or name, shown, common), edit.notes)
    rounds.add_node(edit.notes, edit.note, {edit.suggest: "again", END: "over"})
    rounds.check_expiry(timed_out, [edit.asks, edit.reads_back])
    ways = {"approved": approved, "needs_revision": exhausted, "timed_out": timed_out}
    rounds.finish(edit.suggest, rejected=rejected, **ways)


def _suggestions_gate(edit: Editing, shown: tuple[str, ...], common: Any) -> Gate:
    options = {key: value for key, value in common.items() if key != "on_recall"}
    return review_gate(
        kind="co_edit",
        name=edit.asks,
        subject=OPEN,
        default_decisions=("approve", "edit", "reject", "revise", "items"),
        edit_schema=list[Suggestion],
        item_id="id",
        item_schema=Suggestion,
        context=shown_of(shown, edit.shown_with_suggestions),
        reads=(edit.key, TURN, OPEN, *shown, *edit.reads),
        write_back=False,
        **options,
    )


def _text_gate(edit: Editing, action: str, shown: tuple[str, ...], common: Any) -> Gate:
    return review_gate(
        kind="co_edit",
        name=edit.reads_back,
        subject=edit.key,
        action=action,
        default_decisions=("approve", "edit", "reject", "revise"),
        edit_schema=NotBlank,
        resubmit_edits=True,
        context=shown_of(shown, edit.shown_with_text),
        reads=(edit.key, edit.history, TURN, *shown, *edit.reads),
        **common,
    )
