"""A setting that cannot work is an error when the gate is built, with the culprit and the cure."""

from __future__ import annotations

import re
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from typing_extensions import TypedDict

from langgraph_hitl import Choice, ask_human, human_approval, last_message, rated_feedback
from langgraph_hitl.errors import GateError, HitlError
from tests.paused import spec


class Small(TypedDict):
    draft: str


def rewrite(state: Small) -> dict[str, str]:
    return {"draft": "better"}


async def later(state: Small) -> bool:
    return True


def refused(match: str, subject: Any = "draft", **options: Any) -> None:
    with pytest.raises(GateError, match=match) as raised:
        human_approval(subject, **options)
    assert isinstance(raised.value, HitlError)
    assert isinstance(raised.value, ValueError)


# The subject and names


@pytest.mark.parametrize("subject", [None, "", 5, ["draft"], object()])
def test_the_subject_is_a_state_key_or_a_lens(subject: Any) -> None:
    refused(r"subject must be a state key or a lens such as last_message\(\), not ", subject)


@pytest.mark.parametrize("key", ["hitl_question", "hitl_answer", "hitl_revision", "hitl_unseen"])
@pytest.mark.parametrize("option", ["subject", "context", "reads"])
def test_the_gates_own_channels_cannot_be_read(key: str, option: str) -> None:
    cases: dict[str, dict[str, Any]] = {
        "subject": {"subject": key},
        "context": {"context": key},
        "reads": {"when": lambda state: True, "reads": (key,)},
    }
    given = cases[option]
    refused(f"'{key}' is a channel of the gate itself", **given)


@pytest.mark.parametrize("key", ["review", "reviews"])
@pytest.mark.parametrize("option", ["subject", "context"])
def test_reviews_are_never_read_by_a_gate(key: str, option: str) -> None:
    """They are no inputs, so a gate that wants them would find them absent for ever."""
    refused(f"'{key}'", **{option: key})


@pytest.mark.parametrize("blank", ["", "  ", 5])
@pytest.mark.parametrize("option", ["name", "action"])
def test_a_name_is_a_text_that_is_not_blank(option: str, blank: Any) -> None:
    refused(option, **{option: blank})


def test_a_blank_subject_is_no_state_key() -> None:
    refused("subject must be a state key", "  ")


@pytest.mark.parametrize("option", ["context", "required_context", "criteria", "reads"])
@pytest.mark.parametrize("wrong", [[""], [" "], [5], [None], ["ok", ""]])
def test_lists_of_texts_have_no_blanks(option: str, wrong: Any) -> None:
    refused(f"{option} takes texts that are not blank, not ", **{option: wrong})


@pytest.mark.parametrize(
    "option", ["context", "required_context", "criteria", "reads", "allowed_decisions"]
)
def test_a_number_is_no_list_of_texts(option: str) -> None:
    refused(option, **{option: 5})


@pytest.mark.parametrize("option", ["context", "criteria", "required_context"])
def test_one_text_stands_for_a_list_of_one(option: str) -> None:
    given: dict[str, Any] = {option: "sources"}
    gate = spec(human_approval("draft", **given))
    found = {"context": gate.context_keys}.get(option) or getattr(gate, option)
    assert found == ("sources",)


# Decisions


@pytest.mark.parametrize("nothing", [[], ()])
def test_somebody_has_to_be_able_to_answer(nothing: Any) -> None:
    refused("allowed_decisions is empty: nobody could answer", allowed_decisions=nothing)


def test_only_one_vote_among_several_can_be_withheld() -> None:
    refused("'abstain' needs reviewers= of more than one vote", allowed_decisions=["abstain"])


@pytest.mark.parametrize("name", ["approved", "Approve", "accept", "item"])
def test_an_unknown_decision_is_named_with_the_known_ones(name: str) -> None:
    refused(
        f"unknown decision '{name}'; known: approve, edit, reject",
        allowed_decisions=["approve", name],
    )


@pytest.mark.parametrize("name", ["defer", "escalate"])
def test_what_needs_an_inbox_says_so(name: str) -> None:
    refused(f"'{name}' needs an inbox, which this gate has not", allowed_decisions=[name])


def test_choosing_needs_options() -> None:
    refused(
        r"'choose' needs options, see ask_human\(answer=Choice\(\.\.\.\)\)",
        allowed_decisions=["approve", "choose"],
    )


def test_decisions_come_in_one_order_without_repetition() -> None:
    gate = human_approval("draft", allowed_decisions=["reject", "approve", "reject"])
    assert spec(gate).rules.allowed == ("approve", "reject")


def test_a_reviser_allows_revise() -> None:
    gate = human_approval("draft", revise=rewrite, allowed_decisions=["approve"])
    assert spec(gate).rules.allowed == ("approve", "revise")


def test_the_defaults_of_the_presets() -> None:
    assert spec(human_approval("draft")).rules.allowed == ("approve", "edit", "reject")
    assert spec(rated_feedback("draft")).rules.allowed == ("approve", "revise")
    assert spec(ask_human("?")).rules.allowed == ("respond",)
    assert spec(ask_human("?", answer=Choice("a", "b"))).rules.allowed == ("choose",)


# Callables


@pytest.mark.parametrize("option", ["when", "revise"])
@pytest.mark.parametrize("wrong", [5, "rewrite", ["f"], {"draft": "x"}])
def test_a_function_is_callable(option: str, wrong: Any) -> None:
    refused(f"{option} must be a function", **{option: wrong})


def test_a_condition_is_no_coroutine() -> None:
    refused("when: later is async; pass a plain function", when=later)


def test_a_prompt_is_no_coroutine() -> None:
    refused("prompt: later is async", revise=FakeListChatModel(responses=[""]), prompt=later)


@pytest.mark.parametrize("wrong", [5, "text", ["system", "x"]])
def test_a_prompt_is_a_function(wrong: Any) -> None:
    refused("prompt must be a function from the state to messages", revise=rewrite, prompt=wrong)


def test_a_prompt_without_a_reviser_has_no_effect() -> None:
    refused("prompt has no effect without revise=", prompt=rewrite)


# The loop


@pytest.mark.parametrize("wrong", [0, -1, 1.0, True, "3", None])
def test_revisions_are_counted_from_one(wrong: Any) -> None:
    refused("max_revisions must be a whole number of at least 1", max_revisions=wrong)


@pytest.mark.parametrize("wrong", ["approved", "edited", "auto_approved", "", None, "Rejected"])
def test_being_exhausted_never_approves(wrong: Any) -> None:
    refused(
        "on_exhausted must be one of rejected, needs_revision, not ",
        on_exhausted=wrong,
        revise=rewrite,
    )


def test_edits_that_come_back_have_to_be_allowed() -> None:
    refused(
        "resubmit_edits has no effect where 'edit' is not allowed",
        resubmit_edits=True,
        allowed_decisions=["approve", "reject"],
    )


# The state's schema


@pytest.mark.parametrize("wrong", [dict, "State", 5, {"draft": str}])
def test_a_state_schema_is_a_schema(wrong: Any) -> None:
    refused("state_schema must be a TypedDict, dataclass or pydantic model", state_schema=wrong)


@pytest.mark.parametrize(
    "options",
    [
        {"subject": "drafft"},
        {"context": "drafft"},
        {"required_context": ["drafft"]},
        {"when": lambda state: True, "reads": ("drafft",)},
    ],
)
def test_a_key_that_the_schema_lacks_is_named(options: dict[str, Any]) -> None:
    match = "Gate 'human_approval' reads 'drafft', which Small does not have"
    refused(match, state_schema=Small, **options)


def test_the_key_of_an_answer_is_checked_too() -> None:
    with pytest.raises(GateError, match="'anser', which Small does not have"):
        ask_human("?", into="anser", state_schema=Small)


def test_a_lens_is_checked_by_its_key() -> None:
    refused("reads 'messages', which Small does not have", last_message(), state_schema=Small)


# Questions


@pytest.mark.parametrize("question", ["", "  ", 5, None, ["?"]])
def test_a_question_is_a_text(question: Any) -> None:
    with pytest.raises(GateError, match="question must be a text that is not blank, or a function"):
        ask_human(question)


@pytest.mark.parametrize("into", ["", 5, "review", "reviews", "hitl_answer"])
def test_an_answer_goes_to_a_state_key(into: Any) -> None:
    with pytest.raises(GateError, match="into must be a state key for the answer"):
        ask_human("?", into=into)


@pytest.mark.parametrize("allowed", [["reject"], ["approve"], ["edit"], ["revise"]])
def test_a_question_can_be_answered(allowed: list[str]) -> None:
    """A gate that nobody could give an answer to cannot do what it is for."""
    with pytest.raises(GateError, match=re.compile("allowed_decisions.*respond", re.DOTALL)):
        ask_human("?", allowed_decisions=allowed)


def test_options_can_be_chosen() -> None:
    with pytest.raises(GateError, match="choose"):
        ask_human("?", answer=Choice("a", "b"), allowed_decisions=["respond"])


# Settings that could have no effect


@pytest.mark.parametrize(
    "options",
    [
        {"max_revisions": 5},
        {"on_exhausted": "needs_revision"},
        {"edit_schema": str, "allowed_decisions": ["approve", "reject"]},
    ],
    ids=["max_revisions", "on_exhausted", "edit_schema"],
)
def test_a_setting_without_effect_is_an_error(options: dict[str, Any]) -> None:
    refused("no effect", **options)
