"""Everything that is not documented is an error with the line, the path and what was meant."""

from __future__ import annotations

import inspect
import math
import re
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Checkpoint
from langgraph_hitl._data.place import Origin, Place
from langgraph_hitl._data.trigger import trigger_of_data
from langgraph_hitl.errors import GateError, HitlError
from langgraph_hitl.triggers import LEVELS
from tests.data.descriptions import SALT
from tests.data.schema import ABOUT_SUBJECT, FIELDS, LEAVES, QUESTION, STAGE, fits

SUBJECT = "name: release\nsubject: draft\n"
ASKS = "name: budget\nquestion: How shall we go on?\n"


@pytest.fixture(autouse=True)
def salt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SALT, "0123456789abcdef")


def refused(text: str, message: str, *, name: str | None = None) -> None:
    """The YAML is refused with the message (`...` stands for anything), and as a dict likewise."""
    pattern = ".*".join(re.escape(part) for part in message.split("..."))
    with pytest.raises(GateError, match=f"^{pattern}") as raised:
        Checkpoint.from_yaml(text, name=name)
    assert isinstance(raised.value, HitlError)


# The fields


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # unknown
        (SUBJECT + "whn: never\n", "line 3, whn: unknown field 'whn'; did you mean 'when'?"),
        (
            SUBJECT + "requierd_context: [a]\n",
            "line 3, requierd_context: unknown field 'requierd_context'; "
            "did you mean 'required_context'?",
        ),
        (SUBJECT + "requiredContext: [a]\n", "...; did you mean 'required_context'?"),
        (SUBJECT + "Required-Context: [a]\n", "...; did you mean 'required_context'?"),
        (SUBJECT + "WHEN: never\n", "line 3, WHEN: unknown field 'WHEN'; did you mean 'when'?"),
        (SUBJECT + "colour: red\n", "line 3, colour: unknown field 'colour'; known: name, stage,"),
        (SUBJECT + "reads: [a]\n", "line 3, reads: unknown field 'reads'"),
        (SUBJECT + "state_schema: State\n", "line 3, state_schema: unknown field"),
        (SUBJECT + "revise: fn\n", "line 3, revise: unknown field 'revise'"),
        # what needs an inbox
        (SUBJECT + "timeout: 24h\n", "line 3, timeout: 'timeout' needs an inbox, which this"),
        (
            SUBJECT + "default_on_timeout: approve\n",
            "line 3, default_on_timeout: ...an inbox",
        ),
        (SUBJECT + "reviewers: [ann]\n", "line 3, reviewers: 'reviewers' needs an inbox"),
        ("timeout: 1\nnmae: x\n", "line 1, timeout: 'timeout' needs an inbox"),
        # missing
        ("subject: draft\n", "line 1: the field 'name' is missing"),
        ("name: x\n", "line 1: the field 'subject' is missing, which yes_no needs"),
        (
            "name: x\nanswer: free_form\n",
            "line 1: the field 'question' is missing, which choose_one, choose_several and "
            "free_form needs",
        ),
        # empty, and of the wrong type
        ("name:\nsubject: draft\n", "line 1, name: must be a text, not empty"),
        ("name: ' '\nsubject: draft\n", "line 1, name: must be a text that is not blank"),
        ("name: 5\nsubject: d\n", "line 1, name: must be a text, not a number (5); put it in quo"),
        (
            "name: x\nsubject: true\n",
            "line 2, subject: must be a text, not true or false (True)",
        ),
        ("name: x\nsubject: [d]\n", "line 2, subject: must be a text, not a list"),
        ("name: {}\nsubject: d\n", "line 1, name: must be a text, not a mapping"),
        ("name: x\nsubject: .nan\n", "line 2, subject: must be a text, not a number (nan)"),
        ('name: "a\\0b"\nsubject: d\n', "line 1, name: has a character that cannot be stored"),
        ('name: "\\ud800"\nsubject: d\n', "line 1, name: has a character that cannot be stored"),
        (SUBJECT + "context:\n", "line 3, context: must be a list, not empty"),
        (SUBJECT + "context: []\n", "line 3, context: the list is empty"),
        (SUBJECT + "context:\n  - a\n  - 5\n", "line 5, context[1]: must be a text, not a number"),
        (SUBJECT + "context:\n  - a\n  -\n", "line 5, context[1]: must be a text, not empty"),
        (SUBJECT + "context: {a: b}\n", "line 3, context: must be a list, not a mapping"),
        (SUBJECT + "criteria: [a, b, a]\n", "line 3, criteria[2]: 'a' stands twice in the list"),
        (SUBJECT + "required_context: 5\n", "line 3, required_context: must be a list, not a numb"),
        (SUBJECT + "action: 1.5\n", "line 3, action: must be a text, not a number (1.5)"),
        # words
        (
            SUBJECT + "stage: before_comit\n",
            "line 3, stage: unknown stage 'before_comit'; did you mean 'before_commit'?",
        ),
        (SUBJECT + "stage: Before Commit\n", "...; did you mean 'before_commit'?"),
        (SUBJECT + "stage: midway\n", "line 3, stage: unknown stage 'midway'; known: before_exec"),
        (
            SUBJECT + "allowed_decisions: [approve, rejcet]\n",
            "line 3, allowed_decisions[1]: unknown decision 'rejcet'; did you mean 'reject'?",
        ),
        (SUBJECT + "allowed_decisions: [choose]\n", "line 3, allowed_decisions[0]: unknown decisi"),
        (SUBJECT + "allowed_decisions: [escalate]\n", "line 1: ...'escalate' needs an inbox"),
        # what does not go together
        (SUBJECT + "question: Why?\n", "line 3, question: has no effect here: with yes_no it is"),
        (SUBJECT + "into: answer\n", "line 3, into: has no effect here: with yes_no it is 'subj"),
        (
            ASKS + "answer: yes_no\n",
            "line 2, question: has no effect here: with yes_no it is 'subject' that is put to",
        ),
        (
            ASKS + "answer: free_form\nsubject: draft\n",
            "line 4, subject: has no effect here: with choose_one, choose_several and free_form",
        ),
        (
            SUBJECT + "stage: after_planning\ncontext: [stage]\n",
            "line 4, context: 'stage' is shown already",
        ),
        (ASKS + "answer: free_form\nallowed_decisions: reject\n", "line 1: allowed_decisions: nob"),
        (ASKS + "answer: free_form\nallowed_decisions: choose\n", "line 4, allowed_decisions: unk"),
        # the gate's own channels
        ("name: x\nsubject: review\n", "line 1: 'review' is a channel of the gate itself"),
        (SUBJECT + "context: reviews\n", "line 1: 'reviews' is a channel of the gate itself"),
        (
            SUBJECT + "stage: before_commit\nrequired_context: review\n",
            "line 1: 'review' is a channel of the gate itself",
        ),
        (ASKS + "answer: free_form\ninto: hitl_answer\n", "line 1: into must be a state key"),
    ],
)
def test_a_field_that_is_wrong(text: str, message: str) -> None:
    refused(text, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("answer:\n", "line 3, answer: must be one of yes_no, free_form, choose_one, choose_sev"),
        ("answer: 5\n", "line 3, answer: must be one of yes_no, free_form, choose_one, choose"),
        ("answer: true\n", "line 3, answer: must be one of yes_no"),
        ("answer: [a, b]\n", "line 3, answer: must be one of yes_no...not a list"),
        ("answer: yes\n", "line 3, answer: unknown kind of answer 'yes'; did you mean 'yes_no'?"),
        ("answer: freeform\n", "...; did you mean 'free_form'?"),
        ("answer: choose_one\n", "line 3, answer: 'choose_one' needs options: write 'choose_one: "),
        ("answer: {}\n", "line 3, answer: must name one kind of answer, not 0"),
        ("answer: {choose: [a, b]}\n", "line 3, answer.choose: unknown field 'choose'; did you"),
        ("answer: {yes_no: true}\n", "line 3, answer.yes_no: 'yes_no' has no options: write"),
        (
            "answer:\n  choose_one: [a, b]\n  choose_several: [a, b]\n",
            "line 3, answer: must name one kind of answer, not 2",
        ),
        ("answer: {choose_one: [a]}\n", "line 3, answer.choose_one: Choice needs at least two"),
        ("answer: {choose_one: a}\n", "line 3, answer.choose_one: Choice needs at least two"),
        ("answer: {choose_one: []}\n", "line 3, answer.choose_one: the list is empty"),
        ("answer: {choose_one: }\n", "line 3, answer.choose_one: must be a list, not empty"),
        (
            "answer:\n  choose_one:\n    - 1\n    - 2\n",
            "line 5, answer.choose_one[0]: must be a text, not a number (1); put it in quotes",
        ),
        (
            "answer:\n  choose_several:\n    - a\n    - b\n    - a\n",
            "line 7, answer.choose_several[2]: 'a' stands twice in the list",
        ),
    ],
)
def test_an_answer_that_is_wrong(text: str, message: str) -> None:
    refused(ASKS + text, message)


# Triggers


SAMPLED = f"sampled: {{rate: 0.1, item_id: id, salt_env: {SALT}}}"
WEEK = "during: {spans: Mon-Fri, tz: UTC}"


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("", ": must be a trigger such as 'always' or 'over: ...', not empty"),
        ("true", ": must be a trigger such as 'always' or 'over: ...', not true or false (True)"),
        ("0.8", ": must be a trigger such as 'always' or 'over: ...', not a number (0.8)"),
        ("[always]", ": must be a trigger such as 'always' or 'over: ...', not a list"),
        ("{}", ": must name one trigger, not 0"),
        ("alwasy", ": unknown trigger 'alwasy'; did you mean 'always'?"),
        ("nobody", ": unknown trigger 'nobody'; known: always, never, below_confidence"),
        ("flagged", ": 'flagged' needs options: write 'flagged: ...' under it"),
        ("'lambda state: False'", ": unknown trigger 'lambda state: False'; known: always"),
        ("__import__('os').system('ls')", ": unknown trigger "),
        ("{always: true}", ".always: 'always' has no options: write 'when: always'"),
        ("{never: {}}", ".never: 'never' has no options"),
        ("{flaged: legal}", ".flaged: unknown trigger 'flaged'; did you mean 'flagged'?"),
        ("{flagged: legal, over: {}}", ": must name one trigger, not 2; combine several under"),
        # combinations
        ("{all: always}", ".all: must be a list, not a text"),
        ("{any: []}", ".any: the list is empty"),
        ("{any: {over: 1}}", ".any: must be a list, not a mapping"),
        ("{not: []}", ".not: must be a trigger such as"),
        ("{not: }", ".not: must be a trigger such as 'always' or 'over: ...', not empty"),
        ("{any: [always, nevr]}", ".any[1]: unknown trigger 'nevr'; did you mean 'never'?"),
        ("{not: {all: [always, {over: 5}]}}", ".not.all[1].over: must be a mapping with field, li"),
        # numbers
        ("{below_confidence: }", ".below_confidence: must be a number, not empty"),
        ("{below_confidence: 1.2}", ".below_confidence: must be a number from 0 to 1, not 1.2"),
        ("{below_confidence: -0.1}", ".below_confidence: must be a number from 0 to 1, not -0.1"),
        ("{below_confidence: .nan}", ".below_confidence: must be a finite number"),
        ("{below_confidence: .inf}", ".below_confidence: must be a finite number"),
        ("{below_confidence: '0.8'}", ".below_confidence: must be a number, not a text"),
        ("{below_confidence: true}", ".below_confidence: must be a number, not true or false"),
        ("{below_confidence: 80%}", ".below_confidence: must be a number, not a text"),
        ("{below_confidence: [0.8]}", ".below_confidence: must be a number, not a list"),
        ("{below_confidence: {}}", ".below_confidence: the field 'threshold' is missing"),
        (
            "{below_confidence: {treshold: 0.8}}",
            ".below_confidence.treshold: unknown field 'treshold'; did you mean 'threshold'?",
        ),
        (
            "{below_confidence: {threshold: 0.8, confidence: 0.5}}",
            ".below_confidence.confidence: must be a text, not a number (0.5)",
        ),
        (
            "{below_confidence: {threshold: 0.8, confidence: a..b}}",
            ".below_confidence.confidence: 'a..b' is no state key",
        ),
        (
            "{below_confidence: {threshold: 0.8, confidence: review.confidence}}",
            ".below_confidence.confidence: 'review.confidence': a gate never reads the records",
        ),
        # risk
        ("{risk_at_least: hihg}", ".risk_at_least: unknown level 'hihg'; did you mean 'high'?"),
        ("{risk_at_least: High}", ".risk_at_least: unknown level 'High'; did you mean 'high'?"),
        ("{risk_at_least: 2}", ".risk_at_least: must be a number from 0 to 1, not 2"),
        ("{risk_at_least: {threshold: }}", ".risk_at_least.threshold: must be a number, not empty"),
        ("{risk_at_least: {risk: r}}", ".risk_at_least: the field 'threshold' is missing"),
        # complexity
        (
            "{complexity_above: {threshold: 0.5, factors: {}}}",
            ".complexity_above.factors: must be a mapping with the names of factors",
        ),
        (
            "{complexity_above: {threshold: 0.5, factors: [a, b]}}",
            ".complexity_above.factors: must be a text, not a list",
        ),
        (
            "{complexity_above: {threshold: 0.5, factors: {a: 5}}}",
            ".complexity_above.factors.a: must be a text, not a number (5)",
        ),
        (
            "{complexity_above: {threshold: 0.5, factors: {a: x}, weights: {b: 1}}}",
            ".complexity_above: weights: no factor is named ",
        ),
        (
            "{complexity_above: {threshold: 0.5, weights: {a: 0}}}",
            ".complexity_above: the weights of a sum to nothing",
        ),
        (
            "{complexity_above: {threshold: 0.5, weights: {a: -1}}}",
            ".complexity_above: the weight of a is -1",
        ),
        (
            "{complexity_above: {threshold: 0.5, weights: {a: heavy}}}",
            ".complexity_above.weights.a: must be a number, not a text",
        ),
        ("{complexity_above: {threshold: 0.5, weights: }}", ".complexity_above.weights: must be a"),
        # flags
        ("{flagged: }", ".flagged: must be a list, not empty"),
        ("{flagged: []}", ".flagged: the list is empty"),
        ("{flagged: [legal, true]}", ".flagged[1]: must be a text, not true or false (True)"),
        ("{flagged: [legal, '.']}", ".flagged[1]: '.' is no state key"),
        ("{flagged: {legal: true}}", ".flagged: must be a list, not a mapping"),
        # limits
        ("{over: 5}", ".over: must be a mapping with field, limit, not a number (5)"),
        ("{over: {field: spent}}", ".over: the field 'limit' is missing"),
        ("{over: {limit: 5}}", ".over: the field 'field' is missing"),
        ("{over: {field: spent, limit: '5'}}", ".over.limit: must be a number, not a text"),
        ("{over: {field: spent, limit: .nan}}", ".over.limit: must be a finite number"),
        ("{over: {field: spent, limit: 1e999}}", ".over.limit: must be a finite number"),
        ("{over: {field: spent, limit: 1_000}}", ".over.limit: must be a number, not a text"),
        ("{over: {field: spent, limits: 5}}", ".over.limits: unknown field 'limits'; did you mean"),
        # samples
        ("{sampled: 0.1}", ".sampled: must be a mapping with rate, item_id, salt_env, purpose"),
        (f"{{sampled: {{rate: 0.1, salt_env: {SALT}}}}}", ".sampled: the field 'item_id' is miss"),
        ("{sampled: {rate: 0.1, item_id: id}}", ".sampled: the field 'salt_env' is missing"),
        (
            "{sampled: {rate: 0.1, item_id: id, salt: hush}}",
            ".sampled.salt: the secret does not stand in the file: name the environment variable",
        ),
        (
            "{sampled: {rate: 0.1, item_id: id, salt_env: HITL_NOT_SET}}",
            ".sampled.salt_env: salt is missing: the environment variable HITL_NOT_SET is not set",
        ),
        (
            f"{{sampled: {{rate: 10, item_id: id, salt_env: {SALT}}}}}",
            ".sampled.rate: must be a number from 0 to 1, not 10",
        ),
        (
            f"{{sampled: {{rate: 0.1, item_id: id, salt_env: {SALT}, purpose: {'x' * 17}}}}}",
            ".sampled: purpose m",
        ),
        # hours
        ("{during: Mon-Fri}", ".during: must be a mapping with spans, calendars, tz, not a text"),
        ("{during: {spans: Mon-Fri}}", ".during: the field 'tz' is missing"),
        ("{outside: {tz: UTC}}", ".outside: the fields 'spans' and 'calendars' are missing; one"),
        ("{during: {spans: Mon-Fri, tz: Mars}}", ".during.tz: tz: unknown time zone 'Mars'"),
        ("{during: {spans: Mon-Fri, tz: 5}}", ".during.tz: must be a text, not a number (5)"),
        ("{during: {spans: Mo-Fr, tz: UTC}}", ".during.spans: 'Mo-Fr' is no span of the week"),
        (
            "{during: {spans: [Sat 10:00-14:00, 25:00-26:00], tz: UTC}}",
            ".during.spans[1]: '25:00-26:00' is no span of the week",
        ),
        ("{during: {spans: [], tz: UTC}}", ".during.spans: the list is empty"),
        ("{during: {calendars: none.ics, tz: UTC}}", ".during.calendars: the calendar "),
        ("{during: {calendars: [none.ics], tz: UTC}}", ".during.calendars[0]: the calendar "),
        # a comma that may belong to the span would be another week
        ("{outside: {spans: [Mon,Wed 09:00-12:00], tz: UTC}}", ".outside.spans[0]: is 'Mon' a sp"),
        ("{outside: {spans: [Mon, Wed 09:00-12:00], tz: UTC}}", ".outside.spans[0]: is 'Mon' a s"),
    ],
)
def test_a_trigger_that_is_wrong(when: str, message: str) -> None:
    refused(f"{SUBJECT}when: {when}\n", f"line 3, when{message}" if message[0] in ".:" else message)


@pytest.mark.parametrize(
    "spans",
    [
        "\n      - Mon,Wed 09:00-12:00",
        " ['Mon,Wed 09:00-12:00']",
        " ['Sat-Sun', Wed 09:00-12:00]",
        " [Wed 09:00-12:00, Sat-Sun]",
    ],
)
def test_spans_that_are_clear_are_taken(spans: str) -> None:
    Checkpoint.from_yaml(f"{SUBJECT}when:\n  during:\n    tz: UTC\n    spans:{spans}\n")


def test_a_secret_is_not_repeated() -> None:
    for field in ("salt_env", "salt"):
        when = f"when: {{sampled: {{rate: 0.1, item_id: id, {field}: 'my-secret salt'}}}}\n"
        with pytest.raises(GateError, match=rf"^line 3, when\.sampled\.{field}: ") as raised:
            Checkpoint.from_yaml(SUBJECT + when)
        assert "secret salt" not in str(raised.value)


def test_deep_nesting_is_refused() -> None:
    when: Any = "never"
    for _ in range(21):
        when = {"not": when}
    with pytest.raises(GateError, match="is nested more than 20 deep"):
        Checkpoint.from_dict({"name": "x", "subject": "draft", "when": when})
    endless: dict[str, Any] = {}
    endless["not"] = endless
    with pytest.raises(GateError, match="is nested more than 20 deep"):
        Checkpoint.from_dict({"name": "x", "subject": "draft", "when": endless})


# A dict has no lines


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "checkpoint: must be a mapping with name, stage"),
        ("name: x", "checkpoint: must be a mapping with name, stage"),
        ([{"name": "x"}], "checkpoint: must be a mapping with name, stage"),
        ({}, "checkpoint: the field 'name' is missing"),
        (
            {"name": "x", "subject": "d", 5: 6},
            "checkpoint: the name of a field is a text",
        ),
        (
            {"name": "x", "subject": "d", None: 6},
            "checkpoint: the name of a field is a text",
        ),
        ({"name": "x", "subjct": "d"}, "subjct: unknown field 'subjct'; did you mean 'subject'?"),
        ({"name": b"x", "subject": "d"}, "name: must be a text, not a bytes; put it in quotes"),
        ({"name": "x", "subject": "d", "when": lambda state: False}, "when: must be a trigger"),
        ({"name": "x", "subject": "d", "when": {5: 6}}, "when: unknown trigger 5"),
        ({"name": "x", "subject": "d", "when": {(): 6}}, "when: unknown trigger ()"),
        (
            {"name": "x", "subject": "d", "context": {"a", "b"}},
            "context: must be a list, not a set",
        ),
        (
            {"name": "x", "subject": "d", "when": {"over": {"field": "a", "limit": 10**400}}},
            "when.over.limit: must be a finite number",
        ),
        (
            {"name": "x", "subject": "d", "when": {"below_confidence": math.nan}},
            "when.below_confidence: must be a finite number",
        ),
        ({"name": "x", "subject": "d", "a\nb": 1}, "'a\\\\nb': unknown field 'a\\\\nb'"),
        ({"name": "x", "subject": "d", "\ud800": 1}, "'\\\\ud800': unknown field"),
    ],
)
def test_a_dict_is_refused_with_the_path(data: Any, message: str) -> None:
    with pytest.raises(GateError) as raised:
        Checkpoint.from_dict(data)
    assert str(raised.value).startswith(message.replace("\\\\", "\\"))


def test_what_only_code_can_get_wrong() -> None:
    asks = {"name": "x", "question": "?", "answer": "free_form"}
    with pytest.raises(GateError, match=r"^checkpoint: revise= has no effect: a question has noth"):
        Checkpoint.from_dict(asks, revise=lambda state: {})
    with pytest.raises(GateError, match=r"^checkpoint: revise: which state keys does"):
        Checkpoint.from_dict({"name": "x", "subject": "d"}, revise=lambda state: {})
    with pytest.raises(GateError, match=r"^checkpoint: state_schema must be a TypedDict"):
        Checkpoint.from_dict({"name": "x", "subject": "d"}, state_schema=dict)


# Files


SEVERAL = "checkpoints:\n  - name: plan\n    subject: plan\n  - name: release\n    subject: draft\n"


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (SEVERAL, None, "line 1: which checkpoint? Pass name=, one of plan, release"),
        (SEVERAL, "relase", "line 1: no checkpoint is named 'relase'; did you mean 'release'?"),
        (SEVERAL, "", "line 1: no checkpoint is named ''; known: plan, release"),
        (SEVERAL, 5, "line 1: no checkpoint is named 5; known: plan, release"),
        (SEVERAL, ["plan"], "line 1: no checkpoint is named ['plan']; "),
        (SEVERAL.replace("release", "plan"), "plan", "line 4, checkpoints[1]: the name 'plan' sta"),
        (SEVERAL + "    whn: x\n", "release", "line 6, checkpoints[1].whn: unknown field 'whn'"),
        (SEVERAL + "  - subject: x\n", "plan", "line 6, checkpoints[2]: the field 'name' is missi"),
        (SEVERAL + "  - x\n", "plan", "line 6, checkpoints[2]: a checkpoint is a mapping, not a t"),
        (SEVERAL + "  - name: [x]\n", "plan", "line 6, checkpoints[2].name: must be a text, not a"),
        (SEVERAL + "version: 1\n", "plan", "line 6, version: unknown field 'version'; known: chec"),
        ("checkpoints: []\n", "plan", "line 1, checkpoints: the list is empty"),
        ("checkpoints:\n", "plan", "line 1, checkpoints: must be a list, not empty"),
        ("checkpoints: {plan: {}}\n", "plan", "line 1, checkpoints: must be a list, not a mapping"),
        ("- name: plan\n  subject: plan\n", "plan", "line 1: must be a mapping, not a list; sever"),
        ("plan\n", None, "line 1: must be a mapping with name, stage"),
        ("plan\n", "plan", "line 1: a checkpoint is a mapping, not a text"),
        (SUBJECT, "plan", "line 1: the checkpoint is not named 'plan'"),
    ],
)
def test_one_checkpoint_out_of_several(text: str, name: Any, message: str) -> None:
    refused(text, message, name=name)


def test_another_checkpoint_of_the_file_may_still_be_unfinished() -> None:
    text = SEVERAL + "    when: {sampled: {rate: 0.1, item_id: id, salt_env: HITL_NOT_SET}}\n"
    assert Checkpoint.from_yaml(text, name="plan").name == "plan"
    refused(text, "line 6, checkpoints[1].when.sampled.salt_env: ", name="release")


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.yaml"
    path.write_text(SEVERAL + "    whn: never\n", encoding="utf-8")
    assert Checkpoint.from_yaml(path, name="plan").name == "plan"
    refused(str(path), f"{path}, line 6, checkpoints[1].whn: unknown field", name="release")


def test_a_missing_calendar_is_looked_for_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.yaml"
    when = "when: {outside: {calendars: holidays.ics, tz: UTC}}\n"
    path.write_text(SUBJECT + when, encoding="utf-8")
    place = f"{path}, line 3, when.outside.calendars"
    refused(str(path), f"{place}: the calendar ...holidays.ics...cannot be read")


# Whole


EXAMPLES: dict[str, Any] = {
    "name": "x",
    "stage": "before_commit",
    "subject": "draft",
    "question": "How?",
    "answer": "free_form",
    "action": "go",
    "context": ["a"],
    "required_context": ["a"],
    "criteria": ["a"],
    "when": "always",
    "into": "answer",
    "allowed_decisions": ["reject", "respond"],
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_documented_field_is_accepted(field: str) -> None:
    assert f"| `{field}` |" in str(inspect.getdoc(Checkpoint))
    question = {"name": "x", "question": "How?", "answer": "free_form"}
    subject = {"name": "x", "subject": "draft"}
    base = question if field in QUESTION["properties"] else subject
    data = {**base, field: EXAMPLES[field]}
    assert fits(data)
    Checkpoint.from_dict(data)


def test_no_other_field_is_documented() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", str(inspect.getdoc(Checkpoint)), re.MULTILINE)
    assert sorted(documented) == FIELDS
    assert sorted(EXAMPLES) == FIELDS


@pytest.mark.parametrize("name", LEAVES)
def test_every_trigger_is_documented_and_known(name: str) -> None:
    assert f"`{name}:" in str(inspect.getdoc(Checkpoint))
    with pytest.raises(GateError) as raised:
        trigger_of_data("unknown", Place(Origin()))
    assert name in str(raised.value).partition("known: ")[2].split(", ")


def test_every_stage_and_decision_is_accepted() -> None:
    for stage in STAGE["enum"]:
        assert f"`{stage}`" in str(inspect.getdoc(Checkpoint))
        Checkpoint.from_dict({"name": "x", "subject": "draft", "stage": stage})
    decisions = ABOUT_SUBJECT["properties"]["allowed_decisions"]["anyOf"][0]["enum"]
    for decision in decisions:
        Checkpoint.from_dict({"name": "x", "subject": "draft", "allowed_decisions": decision})
    for level in LEVELS:
        Checkpoint.from_dict({"name": "x", "subject": "d", "when": {"risk_at_least": level}})
