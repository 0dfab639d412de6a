"""`asked_before`: who has been asked about earlier versions, and goes on to be needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph.channels import Question
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._subgraph.terms import terms_of

if TYPE_CHECKING:
    from langgraph_hitl.panels import Panel

_RULE = ("policy", "version", "rule")


def asked_before(
    spec: GateSpec, question: Question, finding: dict[str, Any], config: RunnableConfig
) -> dict[str, Any] | None:
    """The panel that a reviser's version takes beside that of its own finding; None for no other.

    Panels of different rules have no order. An edit was made by those who had to be asked.
    """
    if question["decisions"][-1]["type"] != "revise":
        return None
    if _rises(spec, question["finding"], finding):
        return question.get("asked")
    panel = _panel(spec, question, config)
    return question.get("asked") if panel is None else panel.to_json()


def _rises(spec: GateSpec, before: dict[str, Any], finding: dict[str, Any]) -> bool:
    """Whether the panel of the new finding is that of the one before, or stricter."""
    if spec.policy is None and (spec.panel is None or not spec.panel.varies):
        return True
    same_rule = _rule_in(before) == _rule_in(finding)
    return before == finding or (same_rule and before.get("score") is not None)


def _rule_in(finding: dict[str, Any]) -> list[Any]:
    details = finding.get("details") or {}
    return [details.get(name) for name in _RULE] if "rule" in details else []


def _panel(spec: GateSpec, question: Question, config: RunnableConfig) -> Panel | None:
    """Who was asked about the version before; None where it stays with whom it was passed on to."""
    if spec.desk is None:
        return terms_of(spec, question).panel
    clerk = spec.desk.clerk(spec, config)
    return None if clerk.theirs(question) is not None else clerk.panel(question)
