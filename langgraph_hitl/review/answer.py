"""Answers: what clients send, normalised to one decision or refused.

Three shapes are understood:

- ours: `{"type": "approve", ...}`, with `review_id`, `digest`, `round` and `by` beside it;
- `{"decisions": [{"type": ..., ...}]}` of Agent Chat UI and deep-agents-ui;
- `[{"type": "accept" | "ignore" | "response" | "edit", "args": ...}]` of Agent Inbox.

Whatever else arrives is refused with a reason, and so is an answer that names another review,
another version or another round than the one that is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, assert_never

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.answer_rules import AnswerRules, Asked
from langgraph_hitl.review.decision import (
    POSTPONING,
    Abstain,
    Approve,
    Choose,
    Decision,
    Edit,
    Escalate,
    Items,
    Postponement,
    Reject,
    Respond,
    Revise,
    parse,
    parse_postponement,
    to_json,
)
from langgraph_hitl.review.digest import NotJson, digest, plain_json
from langgraph_hitl.review.items import (
    ItemRules,
    check_going_on,
    checked_verdicts,
    ids_of,
    items_problem,
)
from langgraph_hitl.review.parts import check_parts
from langgraph_hitl.review.snapshot import Snapshot, same_kind

MAX_ANSWER = 8_000_000
"""Characters of the longest answer that is taken, as JSON."""

_ENVELOPE = ("review_id", "digest", "round", "by", "roles")


def normalise(raw: Any, rules: AnswerRules, asked: Asked) -> dict[str, Any]:
    """The decision in an answer as plain JSON, with the claimed identity; or `InvalidDecision`."""
    try:
        answer = plain_json(raw, "answer")
    except NotJson as error:
        raise InvalidDecision(str(error), review_id=asked.review_id) from None
    try:
        if (size := len(json.dumps(answer))) > MAX_ANSWER:
            raise InvalidDecision(
                f"the answer has {size:,} characters; at most {MAX_ANSWER:,} count"
            )
        fields = _single(answer, rules, asked)
        identity = _checked_envelope(fields, rules, asked)
        decision = _understood(fields, rules, asked)
    except InvalidDecision as error:
        raise InvalidDecision(error.reason, review_id=asked.review_id) from None
    return to_json(decision) | identity


def _understood(
    fields: dict[str, Any], rules: AnswerRules, asked: Asked
) -> Decision | Postponement:
    if fields.get("type") in POSTPONING:
        postponement = parse_postponement(fields)
        _check_allowed(to_json(postponement)["type"], rules)
        if isinstance(postponement, Escalate):
            check_to(postponement.to, rules.escalations, climbs=rules.climbs)
        return postponement
    return _checked(parse(fields), rules, asked)


def check_to(to: Any, escalations: Sequence[str], *, climbs: bool) -> None:
    """Raises `InvalidDecision` for an escalation that leads to nobody."""
    names = ", ".join(map(repr, escalations))
    if to is None and not climbs:
        cure = f"say to whom (to): {names}" if names else "its gate needs reviewers=chain(...)"
        raise InvalidDecision(f"nobody is above those who decide it; {cure}")
    if to is not None and to not in escalations:
        known = f"there are {names}" if names else "its gate has no escalations="
        raise InvalidDecision(f"unknown escalation {to!r:.80}; {known}")


def _single(answer: Any, rules: AnswerRules, asked: Asked) -> dict[str, Any]:
    """The one answer object in our shape, whichever of the three shapes it came in."""
    if isinstance(answer, list):
        return _from_agent_inbox(_only(answer), rules, asked)
    if not isinstance(answer, dict):
        raise InvalidDecision(f"an answer is an object, not {type(answer).__name__}")
    if "decisions" in answer:
        decisions = answer.pop("decisions")
        if not isinstance(decisions, list):
            raise InvalidDecision("decisions must be a list")
        inner = _only(decisions)
        if set(answer) - set(_ENVELOPE) or set(answer) & set(inner):
            raise InvalidDecision(f"unknown field beside decisions: {sorted(answer)}")
        return _from_middleware({**inner, **answer}, rules, asked)
    if "edited_action" in answer:
        return _from_middleware(answer, rules, asked)
    return dict(answer)


def _only(items: list[Any]) -> dict[str, Any]:
    if len(items) != 1 or not isinstance(items[0], dict):
        raise InvalidDecision("exactly one decision, an object, answers one review")
    return dict(items[0])


def _from_middleware(fields: dict[str, Any], rules: AnswerRules, asked: Asked) -> dict[str, Any]:
    """LangChain's words: an edit carries `edited_action` instead of `value`."""
    if "edited_action" not in fields:
        return fields
    if fields.get("type") != "edit" or "value" in fields:
        raise InvalidDecision("edited_action belongs to an edit, and takes the place of value")
    edited = fields.pop("edited_action")
    if not isinstance(edited, dict) or set(edited) != {"name", "args"}:
        raise InvalidDecision("edited_action has the two fields name and args")
    value = _edited_value(edited["name"], edited["args"], rules, asked)
    return _edit_of(value, rules) | {k: v for k, v in fields.items() if k != "type"}


def _from_agent_inbox(fields: dict[str, Any], rules: AnswerRules, asked: Asked) -> dict[str, Any]:
    """Agent Inbox's `HumanResponse`."""
    kind, args = fields.get("type"), fields.get("args")
    if set(fields) - {"type", "args"}:
        raise InvalidDecision(f"unknown field in {sorted(fields)}")
    match kind:
        case "accept":
            _check_accepted(args, rules, asked)
            return {"type": "approve"}
        case "ignore":
            return {"type": "reject"}
        case "response":
            if not isinstance(args, str):
                raise InvalidDecision("args of a response is a text")
            return _response_of(args, rules, asked)
        case "edit":
            if not isinstance(args, dict) or set(args) != {"action", "args"}:
                raise InvalidDecision("args of an edit has the two fields action and args")
            return _edit_of(_edited_value(args["action"], args["args"], rules, asked), rules)
        case _:
            raise InvalidDecision(f"unknown type {kind!r} of a response")


def _check_accepted(args: Any, rules: AnswerRules, asked: Asked) -> None:
    """Agent Inbox accepts with null, or with the action request that it showed."""
    if args is None:
        return
    if not isinstance(args, dict) or set(args) != {"action", "args"}:
        raise InvalidDecision("args of an accept is null, or the action that was shown")
    value = _edited_value(args["action"], args["args"], rules, asked)
    if digest(_as_javascript(value)) != digest(_as_javascript(asked.snapshot.shown)):
        raise InvalidDecision("the accepted value is not the one that was shown")


def _as_javascript(value: Any) -> Any:
    """JavaScript sends 1.0 back as 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _as_javascript(item) for key, item in value.items()}
    return [_as_javascript(item) for item in value] if isinstance(value, list) else value


def _response_of(text: str, rules: AnswerRules, asked: Asked) -> dict[str, Any]:
    """A free text: feedback where a revision is possible, else an answer, else a refusal."""
    if rules.choice is not None:
        return {"type": "choose", "choices": _choices(text, rules)}
    if "revise" in rules.allowed:
        return {"type": "revise", "feedback": text}
    if "respond" in rules.allowed:
        if rules.answers:
            return {"type": "respond", "message": text}
        message = _typed_answer(text, rules)
        if message is text and not (rules.is_question or isinstance(asked.snapshot.shown, str)):
            message = _typed_again(text, asked.snapshot)
        return {"type": "respond", "message": message}
    return {"type": "reject", "message": text}


def _edit_of(value: Any, rules: AnswerRules) -> dict[str, Any]:
    """In a question, clients that can only edit fill in the answer."""
    if not rules.is_question:
        return {"type": "edit", "value": value}
    if rules.choice is None:
        return {"type": "respond", "message": _typed_answer(value, rules)}
    return {"type": "choose", "choices": _choices(value, rules)}


def _choices(value: Any, rules: AnswerRules) -> Any:
    """One option as its text; several as a list, or as the text of a list."""
    if not isinstance(value, str):
        return value
    options = rules.choice.options if rules.choice else ()
    several = None if value in options else _parsed(value)
    return several if isinstance(several, list) else [value]


def _typed_answer(value: Any, rules: AnswerRules) -> Any:
    """A text that does not fit may be the JSON text of an answer that does."""
    if not isinstance(value, str) or rules.check is None or rules.check(value) is None:
        return value
    parsed = _parsed(value)
    return value if parsed is None or rules.check(parsed) else parsed


def _parsed(text: str) -> Any:
    try:
        return plain_json(json.loads(text), "answer")
    except (ValueError, RecursionError):
        return None


def _edited_value(name: Any, args: Any, rules: AnswerRules, asked: Asked) -> Any:
    if name != rules.action:
        raise InvalidDecision(f"the edit names the action {name!r}, asked was {rules.action!r}")
    if rules.argument is None:
        return args
    if not isinstance(args, dict) or set(args) != {rules.argument}:
        raise InvalidDecision(f"the args of the edit must be exactly {rules.argument!r}")
    value = args[rules.argument]
    if isinstance(value, str) and not isinstance(asked.snapshot.shown, str):
        return _typed_again(value, asked.snapshot)
    return value


def _typed_again(text: str, snapshot: Snapshot) -> Any:
    """Clients with a text field for every argument send JSON values as their text."""
    value = _parsed(text)
    return text if value is None or same_kind(snapshot, value) else value


def _checked_envelope(fields: dict[str, Any], rules: AnswerRules, asked: Asked) -> dict[str, Any]:
    """Take the envelope off; refuse an answer to something else; give the claimed identity."""
    expected = {"review_id": asked.review_id, "digest": asked.digest, "round": asked.round}
    for name, value in expected.items():
        claimed = fields.pop(name, value)
        if claimed != value or type(claimed) is not type(value):
            raise InvalidDecision(
                f"the answer is for {name} {claimed!r}, asked is {value!r}; read the review again"
            )
    identity = {}
    if "by" in fields:
        by = identity["by"] = fields.pop("by")
        if not isinstance(by, str) or is_blank(by):
            raise InvalidDecision("by must be a text that is not blank")
    if "roles" in fields and rules.with_roles:
        roles = identity["roles"] = fields.pop("roles")
        if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            raise InvalidDecision("roles must be a list of texts")
    return identity


def _checked(decision: Decision, rules: AnswerRules, asked: Asked) -> Decision:
    _check_allowed(to_json(decision)["type"], rules)
    if rules.reasons and is_blank(_reason(decision)):
        raise InvalidDecision("say why: here every decision has a reason")
    if isinstance(decision, Revise):
        check_parts(decision.parts, asked.parts)
    match decision:
        case Approve(comment, None) if rules.rated:
            return Approve(comment, "correct")
        case Revise(feedback, None, parts) if rules.rated:
            return Revise(feedback, "needs_improvement", parts)
        case Approve(comment) if rules.items is not None:
            return _on_each("approve", comment, rules.items, asked)
        case Reject(message) if rules.items is not None:
            return _on_each("reject", message, rules.items, asked)
        case Items(_, comment):
            return _checked_items(to_json(decision)["items"], comment, rules, asked)
        case Edit(value, comment):
            _check_value(value, rules, asked)
            if rules.patches is not None:
                return Edit(_patched(asked.snapshot.shown, value, rules.patches), comment)
        case Respond(message):
            if not rules.answers:
                _check_value(message, rules, asked)
            elif rules.check_answer is not None and (problem := rules.check_answer(message)):
                raise InvalidDecision(f"the answer does not fit: {problem}")
        case Choose(choices):
            if rules.choice is None:
                raise InvalidDecision("nothing is offered to choose from")
            if problem := rules.choice.problem(choices):
                raise InvalidDecision(problem)
        case Approve() | Reject() | Revise() | Abstain():
            pass
        case _:
            assert_never(decision)
    return decision


def _patched(shown: dict[str, Any], changed: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    known = [*dict.fromkeys((*keys, *shown))]
    if not isinstance(changed, dict):
        raise InvalidDecision(
            f"the value does not fit: the input is an object; keys: {', '.join(known)}"
        )
    if unknown := sorted({*changed} - {*known}):
        raise InvalidDecision(
            f"the value does not fit: the input has no {unknown[0]!r}; keys: {', '.join(known)}"
        )
    return {**shown, **changed}


def _reason(decision: Decision) -> str:
    match decision:
        case Approve(comment) | Edit(_, comment) | Items(_, comment):
            return comment or ""
        case Reject(message) | Abstain(message):
            return message or ""
        case Revise(feedback, _, parts):
            return feedback or " ".join((parts or {}).values())
        case Respond() | Choose():
            return "the answer itself"
        case _:
            assert_never(decision)


def _on_each(kind: str, said: str | None, rules: ItemRules, asked: Asked) -> Decision:
    """A verdict on the whole list is one on every item that is open."""
    verdict = {"type": kind} | ({"message": said} if said and kind == "reject" else {})
    each = dict.fromkeys(ids_of(asked.snapshot.shown, rules.key), verdict)
    check_going_on(each, asked.snapshot.shown, asked.going_on, rules)
    comment = {"comment": said} if said and kind == "approve" else {}
    return parse({"type": "items", "items": each, **comment})


def _checked_items(
    given: dict[str, Any], comment: str | None, rules: AnswerRules, asked: Asked
) -> Decision:
    if rules.items is None:
        raise InvalidDecision("there are no items to decide one by one")
    verdicts = checked_verdicts(given, asked.snapshot.shown, asked.decided, rules.items)
    check_going_on(verdicts, asked.snapshot.shown, asked.going_on, rules.items)
    said = {} if comment is None else {"comment": comment}
    return parse({"type": "items", "items": verdicts, **said})


def _check_allowed(kind: str, rules: AnswerRules) -> None:
    if kind not in rules.allowed:
        raise InvalidDecision(f"{kind} is not allowed here; allowed: {', '.join(rules.allowed)}")


def _check_value(value: Any, rules: AnswerRules, asked: Asked) -> None:
    problem = None
    if asked.snapshot.form == "calls" or (rules.check is None and not rules.is_question):
        problem = same_kind(asked.snapshot, value)
    if problem is None and rules.check is not None:
        problem = rules.check(value)
    if problem is None and rules.items is not None:
        problem = items_problem(value, rules.items.key, asked.decided)
    if problem:
        raise InvalidDecision(f"the value does not fit: {problem}")
