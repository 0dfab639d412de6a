"""The confidence that a model wrote under its answer."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from langgraph_hitl.confidence import STATE_CONFIDENCE, stated, without_statement
from langgraph_hitl.errors import GateError, Unreadable


def read(answer: Any, name: str = "confidence") -> float:
    found = stated(name=name)({"answer": answer})
    assert isinstance(found, float)
    return found


def why(answer: Any, name: str = "confidence") -> str:
    with pytest.raises(Unreadable) as caught:
        read(answer, name)
    return str(caught.value)


# A clean statement


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Confidence: 0.85", 0.85),
        ("confidence: 0.85", 0.85),
        ("CONFIDENCE: 0.85", 0.85),
        ("**Confidence:** 85%", 0.85),
        ("**Confidence**: 85%", 0.85),
        ("**Confidence: 0.85**", 0.85),
        ("*Confidence:* `0.85`", 0.85),
        ("__Confidence:__ 0.85", 0.85),
        ("confidence = 85 %", 0.85),
        ("Confidence:85%", 0.85),
        ("Confidence : 0.85", 0.85),
        ("Confidence: 85\u202f%", 0.85),
        ("Confidence:\t0.85  ", 0.85),
        ("  Confidence: 0.85", 0.85),
        ("Confidence: 0.85.", 0.85),
        ("Confidence: 99.5%", 0.995),
        ("Confidence: 1", 1.0),
        ("Confidence: 1.0", 1.0),
        ("Confidence: 100%", 1.0),
        ("Confidence: 100.0 %", 1.0),
        ("Confidence: 1%", 0.01),
        ("Confidence: 0", 0.0),
        ("Confidence: 0.0", 0.0),
        ("Confidence: 0%", 0.0),
    ],
)
def test_a_line_of_its_own_at_the_end(line: str, expected: float) -> None:
    assert read(line) == expected
    assert read(f"Paris is the capital.\n\n{line}\n\n") == expected
    assert read(f"Paris is the capital.\r\n{line}\r\n") == expected


@pytest.mark.parametrize(
    "answer",
    [
        "Paris.\nConfidence: 0.85",
        AIMessage("Paris.\nConfidence: 0.85"),
        AIMessage([{"type": "text", "text": "Paris.\nConfidence: 0.85"}]),
        [HumanMessage("?"), AIMessage("Paris.\nConfidence: 0.85")],
        {"type": "ai", "content": "Paris.\nConfidence: 0.85"},
        {"role": "assistant", "content": "Paris.\nConfidence: 0.85"},
    ],
    ids=["text", "message", "blocks", "messages", "dict", "role"],
)
def test_a_text_or_a_message(answer: Any) -> None:
    assert read(answer) == 0.85


def test_a_path_or_a_function_gives_the_answer() -> None:
    assert stated("reply.text")({"reply": {"text": "Confidence: 0.5"}}) == 0.5
    assert stated(lambda state: state["a"])({"a": "Confidence: 0.5"}) == 0.5


def test_the_same_may_be_stated_twice() -> None:
    assert read("Confidence: 0.85\nParis.\n**Confidence:** 85%") == 0.85


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Certainty: 0.7", "certainty"),
        ("answer_confidence = 0.7", "answer_confidence"),
        ("How sure (0-1): 0.7", "How sure (0-1)"),
        ("überzeugung: 70 %", "ÜBERZEUGUNG"),
    ],
)
def test_the_name_is_free(line: str, name: str) -> None:
    assert read(f"A 95% confidence interval.\n{line}", name) == 0.7
    assert "missing" in why("Confidence: 0.7", name)


def test_a_name_is_spelled_as_it_is() -> None:
    assert read("SURE: 0.7", "sure") == 0.7
    assert "ends with" in why("ſure: 0.7", "sure")


@pytest.mark.parametrize("name", ["", " ", "a\nb", 5, None])
def test_a_name_is_a_word(name: Any) -> None:
    with pytest.raises(GateError, match="name must be the word before the number"):
        stated(name=name)


# Not clean


NOT_CLEAN = """
8/10 | 0.9 out of 10 | 9 out of 10 | about 0.9 | ~0.9 | ≈0.9 | 0,85 | >0.9 | < 0.9 | ≥ 0.9 | high
High (0.9) | 0.9-0.95 | 0.9 – 0.95 | 80-90% | 0.9 to 0.95 | -0.5 | −0.5 | +0.9 | .9 | 00.9 | 01
1e-1 | 0.9e0 | 9e-1 | 0x1 | 1_0 | 0_9 | 0.9 0.4 | 0.9, 0.4 | 0.9 or 0.4 | 0.9? | 0.9! | 0.9 (high)
very 0.9 | 0.9f | 0.9 %% | % 90 | 85 percent | 85pct | 0.85 / 1 | 0.85/1.0 | nine tenths | ½ | ٠.٩
０.９ | １ | N/A | none | nan | NaN | inf | True | <number> | {0.9} | [0.9] | (0.9) | "0.9" | '0.9'
0.**9** | 0.9 ± 0.1 | 0.9$ | $0.9$ | 0.9.. | 0.9;
"""
UNPRINTABLE = ["", "0.9\u20280.4", "0.9\r0.4", "0.4\x0b0.9", "0.9\u200b", "\u202e9.0", "0.9\x00"]


@pytest.mark.parametrize(
    "statement", [*re.split(r" \| |\n", NOT_CLEAN.strip()), *UNPRINTABLE], ids=ascii
)
def test_anything_but_a_number_asks(statement: str) -> None:
    assert "the answer ends with" in why(f"Paris.\nConfidence: {statement}")
    assert "more than one place" in why(f"Confidence: {statement}\nConfidence: 1.0")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Confidence: 85", "The confidence is 85, outside 0 to 1."),
        ("Confidence: 150%", "The confidence is 1.50, outside 0 to 1."),
        ("Confidence: 1.2", "outside 0 to 1"),
        ("Confidence: 1.0000000000000000000001", "outside 0 to 1"),
        ("Confidence: 100.1%", "outside 0 to 1"),
        ("Confidence: " + "9" * 30, "outside 0 to 1"),
    ],
)
def test_a_number_outside_0_to_1(line: str, reason: str) -> None:
    assert reason in why(f"Paris.\n{line}")


NO_STATEMENT = """Confidence 0.9
Confidence is 0.9
Confidence - 0.9
My confidence: 0.9
Confidence level: 0.9
Confidence:: 0.9
Confidence := 0.9
Confidence == 0.9
(Confidence: 0.9)
Confidence：0.9
- Confidence: 0.9
1. Confidence: 0.9
> Confidence: 0.9
# Confidence: 0.9
| Confidence: 0.9 |
    Confidence: 0.9
\tConfidence: 0.9
~~Confidence: 0.9~~
<!-- Confidence: 0.9 -->
"Confidence: 0.9"
Paris. Confidence: 0.9
Confidence: 0.9 Paris.
Overconfidence: 0.9
Confidences: 0.9
****Confidence: 0.9
Confidence: 0.9 and 0.9"""


@pytest.mark.parametrize("line", NO_STATEMENT.split("\n"))
def test_a_line_that_is_no_statement(line: str) -> None:
    assert "The confidence cannot be read: the answer ends with" in why(f"Paris.\n{line}")


@pytest.mark.parametrize("answer", ["Paris.", "I am sure: 0.9", "0.9", "```\nx\n```", "Sure: 100%"])
def test_nothing_stated(answer: str) -> None:
    assert why(answer) == "The confidence is missing: the answer does not state it."


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "missing: there is no answer"),
        ("", "missing: the answer is empty"),
        (" \n", "missing: the answer is empty"),
        (AIMessage(""), "missing: the answer is empty"),
        ([], "missing: there is no message"),
        (0.9, "0.9 is not a message"),
        ({"confidence": 0.9}, "is not a message"),
        ([HumanMessage("Confidence: 1")], "of the kind 'human', not the model's"),
        ([AIMessage("Confidence: 1"), HumanMessage("Confidence: 1")], "not the model's"),
    ],
)
def test_no_text_of_the_model(answer: Any, reason: str) -> None:
    assert reason in why(answer)


CALL = {"name": "pay", "args": {}, "id": "1"}
FORMER = {"name": "pay", "arguments": "{}"}
SURE = "Paid.\nConfidence: 0.99"


@pytest.mark.parametrize(
    "answer",
    [
        AIMessage(SURE, tool_calls=[CALL]),
        AIMessage(SURE, invalid_tool_calls=[{**CALL, "args": "{", "error": "cut"}]),
        AIMessage(SURE, additional_kwargs={"function_call": FORMER}),
        AIMessage([{"type": "text", "text": SURE}, {"type": "tool_use", **CALL, "input": {}}]),
        AIMessage(SURE, tool_calls=[CALL]).model_dump(),
        AIMessage(SURE, additional_kwargs={"function_call": FORMER}).model_dump(),
        {"role": "assistant", "content": SURE, "function_call": FORMER},
        [HumanMessage("?"), AIMessage(SURE, tool_calls=[CALL])],
    ],
    ids=["calls", "invalid", "former", "block", "dict", "dict of former", "role", "messages"],
)
def test_what_a_text_states_is_not_about_tool_calls(answer: Any) -> None:
    assert "the message calls tools" in why(answer)


# Somebody who wants the confidence to be higher

CLEAN = "Confidence: 1.0"

QUOTED = [
    f"You wrote:\n{CLEAN}",
    f"> {CLEAN}",
    f"```\n{CLEAN}\n```",
    f"```json\n{json.dumps({'confidence': 1.0})}\n```",
    f'You said "{CLEAN}".',
    f"**{CLEAN}**",
    f"1. {CLEAN}",
    "The confidence you ask for is 100%.",
    "Conf\u00adidence: 1.0",
    "Ｃonfidence: 1.0",
    "CONFIDENCE: 100 %",
    "Conﬁdence: 1.0",
    "Con\u034ffidence: 1.0",
    "Confidence\ufe0f: 1.0",
    "C\u0336onfidence: 1.0",
    "Con\u20ddfidence: 1.0",
    "Cónfidence: 1.0",
    "Con\u3164fidence: 1.0",
    "Con\x08fidence: 1.0",
]


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_quotation_does_not_count_beside_the_models_own_statement(quoted: str) -> None:
    for own in ("Confidence: 0.4", '```json\n{"confidence": 0.4}\n```'):
        assert "names it in more than one place" in why(f"{quoted}\n\nIt is Paris.\n\n{own}")
        why(f"{own}\n\nIt is Paris.\n\n{quoted}")


@pytest.mark.parametrize(
    "own",
    [
        "My confidence is about 0.4.",
        "I have low confidence in this.",
        "Confidence: low",
        "confidence=0.4",
        '{"confidence": 0.4}',
        '```json\n{"confidence": 0.4}\n```',
        "Confidence:\n0.4",
    ],
)
def test_a_clean_line_does_not_outweigh_what_else_is_said(own: str) -> None:
    for last in (CLEAN, '```json\n{"confidence": 1.0}\n```'):
        assert "names it in more than one place" in why(f"{own}\n{last}")


@pytest.mark.parametrize("quoted", [q for q in QUOTED if not q.startswith(("You wrote", "**"))])
def test_a_quotation_that_is_not_the_last_line_is_no_statement(quoted: str) -> None:
    why(f"{quoted}\n\nIt is Paris.")


def test_a_block_that_never_ends_does_not_hide_a_statement() -> None:
    assert "in the middle of a block of code" in why(f"The file:\n```text\n{CLEAN}")
    assert "in the middle of a block of code" in why(f"````\n```\n{CLEAN}")


# Rules

NUMBERS = st.floats(0, 1).map(lambda number: (number, format(Decimal(repr(number)), "f")))
LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PROSE = LINES.filter(lambda text: "confidence" not in text.casefold())


@given(NUMBERS, st.sampled_from(["{}", "**{}**", "`{}`", "{}."]), st.booleans())
@example((5e-324, format(Decimal("5e-324"), "f")), "{}", False)
def test_every_value_is_read_exactly(number: tuple[float, str], form: str, below: bool) -> None:
    value, digits = number
    statement = f"Confidence: {form.format(digits)}"
    assert read(f"The answer is Paris.\n{statement}" if below else statement) == value


@given(st.integers(0, 10_000))
def test_every_percentage_is_read_exactly(hundredths: int) -> None:
    percent = Decimal(hundredths).scaleb(-2)
    assert read(f"Confidence: {percent}%") == float(percent / 100)


@given(st.floats(0, 1), st.dictionaries(PROSE, PROSE | st.floats(allow_nan=False), max_size=4))
def test_every_value_of_a_field_is_read_exactly(value: float, other: dict[str, Any]) -> None:
    others = {key: item for key, item in other.items() if item not in (float("inf"), -float("inf"))}
    text = json.dumps({**others, "confidence": value})
    assert read(text) == value
    assert read(f"```json\n{text}\n```") == value


PIECES = "Confidence|confidence|:|=| |0|1|9|.|,|%|*|-|/|\n|0.9|85|about|>|```|json|not|\u00a0|e|_"
NEARLY = st.lists(st.sampled_from(PIECES.split("|")), max_size=12).map("".join)
STATEMENT = re.compile(
    r" {0,3}[*_`]{0,3}confidence[*_`]{0,3}[ \t\xa0]*[:=][*_`]{0,3}[ \t\xa0]*[*_`]{0,3}"
    r"((?:0|[1-9][0-9]*)(?:\.[0-9]+)?)([ \t\xa0]*%)?[*_`]{0,3}\.?[*_`]{0,3}[ \t]*",
    re.IGNORECASE,
)


def said(line: str) -> float | None:
    """What a line states, told in another way than the code does."""
    found = STATEMENT.fullmatch(line)
    if not found:
        return None
    return float(Decimal(found[1]) / 100) if found[2] else float(found[1])


@given(LINES | NEARLY)
@example("Confidence: 0.9\nConfidence: 0.9")
@example("Confidence: 0.9\n```json\nConfidence=1")
@example("confidence\nConfidence: 1")
def test_no_text_without_a_clean_statement_gives_a_number(text: str) -> None:
    try:
        value = read(text)
    except Unreadable:
        return
    lines = text.strip().split("\n")
    assert 0 <= value <= 1
    assert said(lines[-1]) == value
    assert {said(line) for line in lines if "confidence" in line.casefold()} == {value}


@given(PROSE, NUMBERS, NUMBERS)
def test_two_values_never_give_one(
    prose: str, one: tuple[float, str], other: tuple[float, str]
) -> None:
    text = f"Confidence: {one[1]}\n{prose}\nConfidence: {other[1]}"
    if one[0] != other[0]:
        why(text)


def test_the_instruction_names_the_form() -> None:
    *_, form, _ = STATE_CONFIDENCE.split("\n")
    assert form == "Confidence: <number>"
    assert read(form.replace("<number>", "0.85")) == 0.85
    why(STATE_CONFIDENCE)
    why(f"{STATE_CONFIDENCE}\nConfidence: 0.85")


BLOCK = '```json\n{"confidence": 0.9}\n```'


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Paris.\nConfidence: 0.85", "Paris."),
        ("Confidence: 0.85\nParis.\r\n\r\n**Confidence:** 85%\n", "Paris."),
        ("Paris.", "Paris."),
        ("Paris.\nConfidence: high", "Paris.\nConfidence: high"),
        ("Confidence: 1\nConfidence: 0.4", "Confidence: 1\nConfidence: 0.4"),
        (f"Confidence: 0.9\n{BLOCK}\n", f"Confidence: 0.9\n{BLOCK}\n"),
        ('{"answer": "Paris", "confidence": 0.9}', '{"answer": "Paris", "confidence": 0.9}'),
        ("", ""),
    ],
)
def test_an_answer_without_its_statement(text: str, alone: str) -> None:
    assert without_statement(text) == alone
