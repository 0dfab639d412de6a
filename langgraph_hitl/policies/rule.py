"""`Rule`: what becomes of the cases for which a condition holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from langgraph_hitl.errors import GateError
from langgraph_hitl.policies.terms import Terms
from langgraph_hitl.policies.words import checked_word
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.trigger import AllOf, AnyOf, Inverse, Leaf, Trigger, trigger_of

DEFAULT = "default"
"""What stands in the place of a rule's name where none applies."""


class Rule:
    """Cases for which `when` holds are asked about, or let pass.

    Args:
        name: Unique within the policy.
        when: A trigger, or a function of the state; `always()` for every case.
        then: `"pass"`, `"ask"`, or the `Terms` on which a person is asked.

    Raises:
        GateError: An argument is wrong, or the condition can never hold.

    >>> from langgraph_hitl.triggers import over
    >>> Rule("large", when=over("amount", 1000), then=Terms(reviewers="finance", timeout="24h"))
    Rule('large', when=over('amount', 1000), then=ask)
    """

    terms: Terms | None
    """None where the rule lets pass."""

    def __init__(
        self, name: str, *, when: Callable[[Any], Any], then: Literal["ask", "pass"] | Terms
    ) -> None:
        self.name = checked_word(name, "the name of a rule")
        if self.name == DEFAULT:
            raise GateError(f"{DEFAULT!r} is the word for no rule; give the rule another name")
        self.when = trigger_of(when, f"rule {quoted(self.name)}: when")
        if isinstance(then, Terms):
            self.terms = then
        elif isinstance(then, str) and then in ("ask", "pass"):
            self.terms = Terms() if then == "ask" else None
        else:
            raise GateError(
                f"rule {quoted(self.name)}: then must be 'ask', 'pass' or Terms, not {quoted(then)}"
            )
        if constant(self.when) is False:
            raise GateError(f"rule {quoted(self.name)} can never apply: its condition never holds")

    @property
    def passes(self) -> bool:
        return self.terms is None

    @property
    def unconditional(self) -> bool:
        """Whether it applies to every case, so that no rule after it is ever reached."""
        return constant(self.when) is True

    def __repr__(self) -> str:
        then = "pass" if self.passes else "ask"
        return f"Rule({self.name!r}, when={self.when!r}, then={then})"


def constant(trigger: Trigger) -> bool | None:
    """What a trigger is in every case, as far as its form tells."""
    match trigger:
        case AllOf(sides=sides):
            found = {constant(side) for side in sides}
            return False if False in found else None if None in found else True
        case AnyOf(sides=sides):
            found = {constant(side) for side in sides}
            return True if True in found else None if None in found else False
        case Inverse(of=of):
            inner = constant(of)
            return None if inner is None else not inner
        case Leaf(name="always"):
            return True
        case Leaf(name="never"):
            return False
        case _:
            return None
