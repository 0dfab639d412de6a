"""`Policy`: rules that say for which cases a person is asked, on which terms, and which pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from langgraph_hitl._reads import declared_reads
from langgraph_hitl.errors import GateError
from langgraph_hitl.policies._sheet import Plan, Sheet, Step
from langgraph_hitl.policies.explanation import Explanation, Part, RuleExplained
from langgraph_hitl.policies.moment import checked_at
from langgraph_hitl.policies.rule import Rule
from langgraph_hitl.policies.ruling import Ask, Doubt, Pass, Ruling, sentence_of
from langgraph_hitl.policies.template import Matching, Template
from langgraph_hitl.policies.terms import Terms
from langgraph_hitl.policies.words import checked_version, checked_word
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.condition import bind
from langgraph_hitl.triggers.number import kind_of, quoted
from langgraph_hitl.triggers.source import Atom, Reading, Source
from langgraph_hitl.triggers.trigger import Leaf, Trigger


class Policy:
    """Rules, tried from the first to the last; the first that holds applies.

    Where none holds a person is asked, on the terms of `default`. A rule that cannot be told
    (a value is missing or of another kind, a number is NaN, a function raises, a template has
    expired) means that a person is asked: on the rule's own terms if it asks; if it lets pass, on
    those of the next rule that asks and holds, or of `default`.

    Args:
        rules: At least one.
        name: In rulings and findings.
        version: A text or a whole number. A new one belongs to every change.
        owner: Who answers for it.
        templates: Those that the rules may match; the rules' own are added.
        default: The terms where no rule applies.
        at: The moment for which the expiry of the templates is checked, now by default.

    Raises:
        GateError: A name stands twice, a rule can never be reached or never hold, a template has
            expired.

    >>> from langgraph_hitl.policies import Equal, Max, Policy, Rule, Template, Terms, matches
    >>> from langgraph_hitl.triggers import over
    >>> small = Template("small refund", version=2, owner="finance", expires="2030-12-31",
    ...                  matches={"kind": Equal("refund"), "amount": Max(50)})
    >>> refunds = Policy(
    ...     [
    ...         Rule("large", when=over("amount", 1000), then=Terms(reviewers="finance")),
    ...         Rule("small", when=matches(small), then="pass"),
    ...     ],
    ...     name="refunds",
    ...     version=3,
    ... )
    >>> refunds.decide({"kind": "refund", "amount": 20}).rule
    'small'
    >>> refunds.decide({"kind": "refund", "amount": 1200}).sentence
    "Rule 'large' of refunds (version 3): The amount 1200 is over 1000."
    >>> refunds.decide({"kind": "refund", "amount": "20"}).to_json()["decision"]
    'ask'
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        name: str,
        version: str | int,
        owner: str | None = None,
        templates: Iterable[Template] = (),
        default: Terms | None = None,
        at: datetime | None = None,
    ) -> None:
        self.name = checked_word(name, "the name of a policy")
        self.version = checked_version(version)
        self.owner = None if owner is None else checked_word(owner, "owner")
        self.rules = _checked_rules(rules)
        self.default = Terms() if default is None else default
        if not isinstance(self.default, Terms):
            raise GateError(f"default must be Terms, not {quoted(default)}")
        self._plan = Plan(self.rules)
        self.templates = _checked_templates([*templates, *self._matched()], checked_at(at))

    def decide(self, values: Mapping[str, Any], at: datetime | None = None) -> Ruling:
        """What the policy says about a case at a moment, now by default.

        Functions in conditions that declare no keys get the whole of `values`.

        Raises:
            GateError: `values` is no mapping, or `at` has no time zone.
        """
        return self._ruled(self._sheet(values, at), [])

    def explain(self, values: Mapping[str, Any], at: datetime | None = None) -> Explanation:
        """The same, with what each rule found until the one that applied."""
        steps: list[Step] = []
        ruling = self._ruled(self._sheet(values, at), steps, every=True)
        rules = (
            RuleExplained(step.rule.name, step.holds, tuple(Part(*part) for part in step.parts))
            for step in steps
        )
        return Explanation(ruling, tuple(rules))

    def trigger(self) -> Trigger:
        """The policy in the place of a trigger: `human_approval("draft", when=policy.trigger())`.

        The finding's `details` have the policy, its version, the rule and the templates. A new
        version of the subject is tried again; what would pass keeps the finding that asked.
        """

        def judge(values: Mapping[str, Any], now: datetime) -> Finding:
            sheet = Sheet(self._plan, values["case"], checked_at(now))
            return self._ruled(sheet, []).finding()

        return _PolicyTrigger(
            name="policy",
            judge=judge,
            sources={"case": _Case(self._plan.atoms)},
            grades=True,
            options=f"{self.name!r}, version={self.version!r}",
        )

    @property
    def reads(self) -> frozenset[str]:
        """The state keys that the rules read.

        Raises:
            GateError: A function in a condition does not declare its keys.
        """

        def declare(function: Any, what: str) -> Any:
            return declared_reads(function, what=what, reads=(), state_schema=None)

        return bind(self.trigger(), declare).keys

    @property
    def title(self) -> str:
        """What it is called in sentences."""
        return f"{self.name} (version {self.version})"

    def __repr__(self) -> str:
        return f"Policy({self.name!r}, version={self.version!r}, rules={len(self.rules)})"

    def _sheet(self, values: Mapping[str, Any], at: datetime | None) -> Sheet:
        return Sheet(self._plan, self._plan.reading(values), checked_at(at))

    def _ruled(self, sheet: Sheet, steps: list[Step], *, every: bool = False) -> Ruling:
        """The ruling. `steps` gets the rules that were looked at in full: with `every`, all."""
        doubts: list[Doubt] = []
        for row in self._plan.rows if every else sheet.open():
            step = sheet.step(row)
            steps.append(step)
            terms = step.rule.terms
            if step.holds is None:
                doubts.append(Doubt(step.rule.name, step.finding.sentence))
            if step.holds is False or (step.holds is None and terms is None):
                continue
            if terms is not None:
                return self._ask(step, terms, doubts)
            return self._ask(None, self.default, doubts) if doubts else self._pass(step)
        return self._ask(None, self.default, doubts)

    def _ask(self, step: Step | None, terms: Terms, doubts: list[Doubt]) -> Ask:
        rule = step.rule.name if step else None
        found = step.finding if step else None
        return Ask(
            policy=self.name,
            version=self.version,
            owner=self.owner,
            rule=rule,
            sentence=sentence_of(self.title, rule, found, doubts),
            templates=step.templates if step else (),
            found=found,
            terms=terms,
            doubts=tuple(doubts),
        )

    def _pass(self, step: Step) -> Pass:
        return Pass(
            policy=self.name,
            version=self.version,
            owner=self.owner,
            rule=step.rule.name,
            sentence=sentence_of(self.title, step.rule.name, step.finding, []),
            templates=step.templates,
            found=step.finding,
        )

    def _matched(self) -> Iterator[Template]:
        return (leaf.template for leaf in self._plan.leaves if isinstance(leaf, Matching))


class _Case(Source):
    """All that the rules read, as the reading itself: what raises stops one rule only."""

    def __init__(self, atoms: tuple[Atom, ...]) -> None:
        self._atoms = atoms

    def atoms(self) -> Iterator[Atom]:
        yield from self._atoms

    def value(self, read: Reading) -> Any:
        return read


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class _PolicyTrigger(Leaf):
    def __invert__(self) -> NoReturn:
        raise GateError("a policy cannot be turned round with ~: write a rule for what passes")


def _checked_rules(given: Any) -> tuple[Rule, ...]:
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise GateError(f"rules must be a list of Rule, not {kind_of(given)}")
    rules: tuple[Rule, ...] = tuple(given)
    if not rules:
        raise GateError("a policy has one rule at least")
    names: set[str] = set()
    last: Rule | None = None
    for rule in rules:
        if not isinstance(rule, Rule):
            raise GateError(f"rules must be a list of Rule, and has {quoted(rule)}")
        if rule.name in names:
            raise GateError(f"two rules are named {rule.name!r}")
        if last is not None:
            raise GateError(
                f"rule {rule.name!r} is never reached: {last.name!r} applies to every case"
            )
        names.add(rule.name)
        last = rule if rule.unconditional else None
    return rules


def _checked_templates(given: Iterable[Any], at: datetime) -> dict[str, Template]:
    found: dict[str, Template] = {}
    for template in given:
        if not isinstance(template, Template):
            raise GateError(f"templates must be a list of Template, and has {quoted(template)}")
        if found.setdefault(template.name, template) is not template:
            raise GateError(f"two templates are named {template.name!r}")
        if template.expired(at):
            raise GateError(
                f"template {template.title} of {template.owner} expired: "
                f"{template.expires.isoformat()}; renew it under a new version, or take it out"
            )
    return found
