"""`Checkpoint`: a gate described as data, in a dict or a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import Any, get_args

from langgraph_hitl._data.answer import Answer, answer_of_data
from langgraph_hitl._data.fields import Fields, fields_of, one_of
from langgraph_hitl._data.place import Origin, Place
from langgraph_hitl._data.selection import selected
from langgraph_hitl._data.stage import STAGES
from langgraph_hitl._data.trigger import trigger_of_data
from langgraph_hitl._data.yaml_text import read_yaml
from langgraph_hitl._reads import Reader, Reads
from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.gate import Gate, build, spec_of
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns.ask_human import ask_human
from langgraph_hitl.patterns.human_approval import human_approval
from langgraph_hitl.review.choice import Choice

_NEED_INBOX = ("timeout", "default_on_timeout", "reviewers")
_FIELDS = (
    "name",
    "stage",
    "subject",
    "question",
    "answer",
    "action",
    "context",
    "required_context",
    "criteria",
    "when",
    "into",
    "allowed_decisions",
    *_NEED_INBOX,
)
_ABOUT_SUBJECT = ("approve", "edit", "reject", "revise", "respond")
_INBOX_DECISIONS = ("defer", "escalate")


class Checkpoint:
    """A human checkpoint described as data and turned into a gate, as the presets return it.

    | field | value | |
    |---|---|---|
    | `name` | text | required; in requests and traces, and the action unless there is one |
    | `stage` | `before_execution`, `after_planning`, `between_steps`, `before_commit` or \
`after_execution` | shown to the reviewer, in the context |
    | `subject` | state key | what is decided, for `yes_no` |
    | `question` | text | what is asked, for the other answers |
    | `answer` | `yes_no` | the default: the subject is approved or rejected |
    | | `choose_one: [texts]` | ends as `chosen` |
    | | `choose_several: [texts]` | ends as `chosen`, with a list |
    | | `free_form` | a text; ends as `answered` |
    | `into` | state key | takes the answer to a question |
    | `action` | text | what happens after the approval |
    | `context` | state keys | shown to the reviewer |
    | `required_context` | state keys | shown, and without them nobody is asked (`ContextMissing`) |
    | `criteria` | texts | what to check |
    | `when` | trigger | when a person is asked: every time unless it says otherwise |
    | `allowed_decisions` | of `approve`, `edit`, `reject`, `revise`, `respond` | for a subject; \
approve and reject by default |
    | | `reject` beside `choose` or `respond` | lets people decline to answer a question |
    | | `defer`, `escalate` beside them | come back later; pass it up a chain |
    | `reviewers` | roles, or a panel as in a policy (`{chain: [member, lead]}`) | who decides |
    | `timeout` | `24h`, `1d 12h` | then it is over as `timed_out`; nothing is ever approved by it |
    | `default_on_timeout` | `reject`, `escalate` | `reject` without it; by `escalate` each level \
of a chain has the timeout, and passes it up |

    "State keys" and "texts" are lists, of which a single item may stand alone. A trigger is one of

    | trigger | with all its options |
    |---|---|
    | `always`, `never` | |
    | `below_confidence: 0.8` | `{threshold, confidence}` |
    | `risk_at_least: high` (or a score) | `{threshold, risk}` |
    | `complexity_above: 0.7` | `{threshold, factors, weights}` |
    | `flagged: [legal, press]` | |
    | `sampled:` | `{rate, item_id, salt_env, purpose}` |
    | `over:` | `{field, limit}` |
    | `during:`, `outside:` | `{spans, calendars, tz}` |
    | `all: [...]`, `any: [...]`, `not: ...` | triggers |

    They are those of `langgraph_hitl.triggers`. `confidence`, `risk`, `item_id`, `field`, the flags
    and the factors are state keys or paths (`payment.amount`); `factors` is one of them, or maps
    names to them. `salt_env` names the environment variable with the salt, which never stands in
    the file. `spans` such as `Mon-Fri 09:00-17:00` and `calendars`, paths of ICS files, are lists;
    relative paths start from the folder of the YAML file.

    Where `when` finds that nobody is needed, the review ends as `auto_approved`, a question without
    an answer. That follows `approved` after a subject; for a question with `when`, `add_review`
    needs the way `auto_approved=` (or `approved=`) beside the one of the answer.

    `timeout`, `default_on_timeout`, `reviewers`, `defer` and `escalate` need `inbox=`, and are
    refused without it. So is everything that is not in the table, by a `GateError` with the line,
    the path and what was probably meant.

    >>> from langgraph_hitl import Checkpoint
    >>> gate = Checkpoint.from_dict({
    ...     "name": "release",
    ...     "stage": "before_commit",
    ...     "subject": "change",
    ...     "when": {"any": [{"flagged": "legal"}, {"risk_at_least": "high"}]},
    ... })
    >>> Checkpoint.from_dict({"name": "release", "subject": "change", "citeria": "Tests pass."})
    Traceback (most recent call last):
    langgraph_hitl.errors.GateError: citeria: unknown field 'citeria'; did you mean 'criteria'?
    """

    @staticmethod
    def from_dict(
        data: Any,
        *,
        state_schema: type[Any] | None = None,
        clock: Clock = system_clock,
        revise: Any = None,
        inbox: Desk | None = None,
    ) -> Gate:
        """The gate that a dict describes.

        Args:
            data: The fields, see the class.
            state_schema: The schema of the graph's state, to check the keys now.
            clock: Gives the present moment in UTC.
            revise: What makes the next version of the subject from the feedback, as in
                `human_approval`; `revise` is then allowed.
            inbox: An `Inbox`, where the review waits.

        Raises:
            GateError: The data is not a checkpoint; the message names the path of the culprit.
        """
        return _gate(data, Place(Origin()), state_schema, clock, revise, inbox)

    @staticmethod
    def from_yaml(
        source: str | PathLike[str],
        *,
        name: str | None = None,
        state_schema: type[Any] | None = None,
        clock: Clock = system_clock,
        revise: Any = None,
        inbox: Desk | None = None,
    ) -> Gate:
        r"""The gate that a YAML file describes. Needs the extra `[policy]`.

        Args:
            source: A path, or a YAML text, which has a line break. The file is UTF-8 and YAML 1.2:
                `yes` and `no` are texts. Anchors, aliases, merge keys and tags are refused.
            name: Which checkpoint, where the file has several in a list under `checkpoints`.
            state_schema: As in `from_dict`.
            clock: As in `from_dict`.
            revise: As in `from_dict`.
            inbox: As in `from_dict`.

        Raises:
            GateError: As `from_dict`, with the file and the line; the file cannot be read.
            MissingExtra: The extra is not installed.

        >>> from langgraph_hitl import Checkpoint
        >>> text = '''
        ... checkpoints:
        ...   - name: plan
        ...     stage: after_planning
        ...     subject: plan
        ...     criteria: [Every step can be undone.]
        ...   - name: budget
        ...     stage: between_steps
        ...     question: How shall we go on?
        ...     answer:
        ...       choose_one: [spend more, stop here]
        ...     into: budget
        ...     when:
        ...       over: {field: spent, limit: 100}
        ... '''
        >>> Checkpoint.from_yaml(text, name="budget").name
        'budget'
        >>> Checkpoint.from_yaml(text.replace("limit", "limits"), name="budget")
        Traceback (most recent call last):
        langgraph_hitl.errors.GateError: line 14, checkpoints[1].when.over.limits: unknown field
        'limits'; did you mean 'limit'?
        """
        data, place = selected(*read_yaml(source), name)
        return _gate(data, place, state_schema, clock, revise, inbox)


def _gate(
    data: Any,
    place: Place,
    state_schema: type[Any] | None,
    clock: Clock,
    revise: Any,
    inbox: Desk | None,
) -> Gate:
    fields = _fields(data, place, inbox)
    answer = _answer(fields)
    when = trigger_of_data(fields.values["when"], fields.at("when")) if "when" in fields else None
    shared: dict[str, Any] = {
        "name": fields.text("name"),
        "action": fields.text("action") or None,
        "allowed_decisions": _decisions(fields, answer, inbox),
        "context": fields.texts("context"),
        "required_context": fields.texts("required_context"),
        "criteria": fields.texts("criteria"),
        "when": when,
        "state_schema": state_schema,
        "clock": clock,
        "inbox": inbox,
        **_terms(fields),
    }
    stage = _stage(fields, shared)
    if answer == "yes_no":
        subject = _needed(fields, "subject", "question", "into")
        with place.blamed():
            gate = human_approval(subject, revise=revise, **shared)
    else:
        question, into = _needed(fields, "question", "subject"), fields.text("into") or None
        if revise is not None:
            raise place.error("revise= has no effect: a question has nothing to revise")
        kind = str if answer == "free_form" else answer
        with place.blamed():
            gate = ask_human(question, answer=kind, into=into, **shared)
    return _at_stage(gate, stage) if stage else gate


def _fields(data: Any, place: Place, inbox: Desk | None) -> Fields:
    if isinstance(data, Mapping) and inbox is None:
        for name in _NEED_INBOX:
            if name in data:
                raise _needs_inbox(name, place / name)
    return fields_of(data, place, known=_FIELDS, required=("name",))


def _answer(fields: Fields) -> Answer:
    if "answer" not in fields:
        return "yes_no"
    return answer_of_data(fields.values["answer"], fields.at("answer"))


def _terms(fields: Fields) -> dict[str, Any]:
    """Who decides, and by when."""
    found: dict[str, Any] = {}
    if "reviewers" in fields:
        from langgraph_hitl.policies._read.panel import panel_of_data

        found["reviewers"] = panel_of_data(fields.values["reviewers"], fields.at("reviewers"))
    if "timeout" in fields:
        found["timeout"] = fields.duration("timeout")
    if "default_on_timeout" in fields:
        from langgraph_hitl.deadlines import OnTimeout

        given, at = fields.values["default_on_timeout"], fields.at("default_on_timeout")
        found["on_timeout"] = one_of(given, at, get_args(OnTimeout), "end of a deadline")
        if "timeout" not in fields:
            raise at.error("has no effect without a timeout")
    return found


def _needed(fields: Fields, wanted: str, *others: str) -> str:
    """The subject or the question, and never what belongs to the other kind of answer."""
    kinds = "yes_no" if wanted == "subject" else "choose_one, choose_several and free_form"
    for other in others:
        if other in fields:
            raise fields.at(other).error(
                f"has no effect here: with {kinds} it is {wanted!r} that is put to a person"
            )
    if wanted not in fields:
        raise fields.place.error(f"the field {wanted!r} is missing, which {kinds} needs")
    return fields.text(wanted)


def _decisions(fields: Fields, answer: Answer, inbox: Desk | None) -> list[str] | None:
    if "allowed_decisions" not in fields:
        return ["approve", "reject"] if answer == "yes_no" else None
    answered = ("choose" if isinstance(answer, Choice) else "respond", "reject")
    known = _ABOUT_SUBJECT if answer == "yes_no" else answered
    if inbox is not None:
        known = (*known, *_INBOX_DECISIONS)
    words = fields.texts("allowed_decisions")
    places = [fields.item("allowed_decisions", index) for index in range(len(words))]
    for word, place in zip(words, places, strict=True):
        if word in _INBOX_DECISIONS and inbox is None:
            raise _needs_inbox(word, place)
    return [
        one_of(word, place, known, "decision") for word, place in zip(words, places, strict=True)
    ]


def _needs_inbox(name: str, place: Place) -> GateError:
    return place.error(
        f"{name!r} needs an inbox, which this checkpoint has not: from_yaml(..., inbox=inbox)"
    )


def _stage(fields: Fields, shared: dict[str, Any]) -> str | None:
    if "stage" not in fields:
        return None
    for option in ("context", "required_context"):
        if "stage" in shared[option]:
            raise fields.at(option).error("'stage' is shown already, from the field of that name")
    return one_of(fields.values["stage"], fields.at("stage"), STAGES, "stage")


def _at_stage(gate: Gate, stage: str) -> Gate:
    """The gate, which shows its stage beside the context."""
    spec = spec_of(gate)
    assert spec is not None
    shown = Reader(function=lambda _values: {"stage": stage}, reads=Reads(frozenset()))
    return build(replace(spec, context_reader=shown))
