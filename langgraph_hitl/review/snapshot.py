"""`Snapshot`: a subject as it is shown, digested and stored; plain JSON or messages.

A message is shown as its content (with its tool calls, where it has some); the rest of it, its id
among it, is kept in `envelope`, so that an edit or a revision comes back as the same message.

>>> from langchain_core.messages import AIMessage
>>> snapshot = take(AIMessage("Hello", id="m1"))
>>> snapshot.shown
'Hello'
>>> snapshot.with_shown("Good day").restore()
AIMessage(content='Good day', additional_kwargs={}, response_metadata={}, id='m1', ...)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from langchain_core.messages import BaseMessage, message_to_dict, messages_from_dict

from langgraph_hitl.review.calls import calls_problem, refused_by_edit
from langgraph_hitl.review.digest import NotJson, digest, plain_json

Form = Literal["json", "message", "messages", "calls"]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """`shown` is plain JSON; `form` and `envelope` say how to make the value from it again.

    Of the form `calls`, the value is the message with the calls, and one for each that is refused.
    """

    shown: Any
    form: Form = "json"
    envelope: Any = None

    @property
    def digest(self) -> str:
        return digest(self.shown)

    def with_shown(self, shown: Any) -> Snapshot:
        """The same subject with other content."""
        return replace(self, shown=shown)

    def restore(self) -> Any:
        """The value for the state."""
        match self.form:
            case "json":
                return self.shown
            case "message":
                return _restore_message(self.shown, self.envelope)
            case "messages":
                return [
                    _restore_message(shown, envelope)
                    for shown, envelope in zip(self.shown, self.envelope, strict=True)
                ]
            case "calls":
                whole = _with_calls(self.envelope["data"], self.shown)
                return [_restore_message(whole, self.envelope), *refused_by_edit(self.shown)]


def take(value: Any) -> Snapshot:
    """The snapshot of a value; raises `NotJson` for what is neither JSON nor messages."""
    if isinstance(value, Snapshot):
        return value
    if isinstance(value, BaseMessage):
        shown, envelope = _split_message(value)
        return Snapshot(shown=shown, form="message", envelope=envelope)
    if _is_message_list(value):
        pairs = [_split_message(message) for message in value]
        return Snapshot(
            shown=[shown for shown, _ in pairs],
            form="messages",
            envelope=[envelope for _, envelope in pairs],
        )
    return Snapshot(shown=plain_json(value))


def take_calls(message: BaseMessage, calls: list[dict[str, Any]]) -> Snapshot:
    """The snapshot of some of the calls of a message."""
    return Snapshot(shown=calls, form="calls", envelope=_plain_envelope(message_to_dict(message)))


def same_kind(snapshot: Snapshot, shown: Any) -> str | None:
    """None if `shown` could stand in the place of the snapshot's content, else what is wrong."""
    if snapshot.form == "calls":
        return calls_problem(snapshot.shown, shown)
    expected, got = _kind(snapshot.shown), _kind(shown)
    content = snapshot.form == "message" and expected in ("text", "list")
    if expected != got and not (content and got in ("text", "list")):
        return f"expected JSON of the kind {expected}, got {got}"
    if snapshot.form == "messages" and len(shown) != len(snapshot.shown):
        return f"expected {len(snapshot.shown)} messages, got {len(shown)}"
    return None if snapshot.form == "json" else _message_problem(snapshot.with_shown(shown))


def _message_problem(edited: Snapshot) -> str | None:
    """What would not come back from the state as it was shown could never be approved."""
    try:
        restored = take(edited.restore())
    except Exception as error:
        return f"it does not make a message ({type(error).__name__})"
    return None if restored.digest == edited.digest else "it does not make the same message again"


def _is_message_list(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str | bytes)
        and len(value) > 0
        and all(isinstance(item, BaseMessage) for item in value)
    )


def _split_message(message: BaseMessage) -> tuple[Any, dict[str, Any]]:
    envelope = message_to_dict(message)
    data = envelope["data"]
    content = plain_json(data.pop("content"))
    calls = data.get("tool_calls")
    if not calls:
        return content, _plain_envelope(envelope)
    return {"content": content, "tool_calls": plain_json(calls)}, _plain_envelope(envelope)


def _plain_envelope(envelope: dict[str, Any]) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = plain_json(envelope)
    except NotJson:
        data = envelope["data"]
        for extra in ("additional_kwargs", "response_metadata", "artifact"):
            data.pop(extra, None)
        plain = plain_json(envelope)
    return plain


def _restore_message(shown: Any, envelope: dict[str, Any]) -> BaseMessage:
    data = dict(envelope["data"])
    if data.get("tool_calls"):
        if shown["tool_calls"] != data["tool_calls"]:
            # Providers leave the raw calls here, from where LangChain would read them again.
            extra = data.get("additional_kwargs") or {}
            data["additional_kwargs"] = {k: v for k, v in extra.items() if k != "tool_calls"}
        data |= {"content": shown["content"], "tool_calls": shown["tool_calls"]}
    else:
        data["content"] = shown
    (message,) = messages_from_dict([{"type": envelope["type"], "data": data}])
    return message


def _with_calls(data: dict[str, Any], calls: list[dict[str, Any]]) -> dict[str, Any]:
    """The content of a message, and its calls with the arguments that were decided."""
    args = {call["id"]: call["args"] for call in calls}
    every = [{**call, "args": args.get(call["id"], call["args"])} for call in data["tool_calls"]]
    return {"content": data["content"], "tool_calls": every}


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"
