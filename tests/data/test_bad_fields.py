"""A field that is not as documented is an error with the line, the path and what was meant."""

from __future__ import annotations

import math
from typing import Any

import pytest

from langgraph_hitl import Checkpoint
from langgraph_hitl.errors import GateError
from tests.data.refusal import ASKS, SUBJECT, refused

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
        (
            SUBJECT + "allowed_decisions: [approve, escalate]\n",
            "line 3, allowed_decisions[1]: 'escalate' needs an inbox, which this checkpoint",
        ),
        (
            ASKS + "answer: free_form\nallowed_decisions: defer\n",
            "line 4, allowed_decisions: 'defer' needs an inbox, which this checkpoint has not",
        ),
        (
            SUBJECT + "allowed_decisions: [pass]\n",
            "line 3, allowed_decisions[0]: unknown decision 'pass'; known: approve, edit, reject, "
            "revise, respond",
        ),
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
