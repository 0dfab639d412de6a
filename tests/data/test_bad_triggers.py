"""A trigger that is not as documented is an error with the line, the path and what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Checkpoint
from langgraph_hitl.errors import GateError
from tests.data.descriptions import SALT
from tests.data.refusal import SUBJECT, refused


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


@pytest.mark.parametrize("secret", ["hush123", "'hush 123'", "123456", "0x1e240", "[123456]"])
def test_a_secret_in_the_place_of_a_variable_is_not_repeated(secret: str) -> None:
    when = f"when: {{sampled: {{rate: 0.1, item_id: id, salt_env: {secret}}}}}\n"
    with pytest.raises(GateError, match=r"^line 3, when\.sampled\.salt_env: ") as raised:
        Checkpoint.from_yaml(SUBJECT + when)
    assert "123" not in str(raised.value)


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
