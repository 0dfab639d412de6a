"""Policies as data: for which cases a person is asked, on which terms, and which pass.

>>> from langgraph_hitl.policies import Policy, Rule, Terms
>>> from langgraph_hitl.triggers import over
>>> policy = Policy(
...     [Rule("large", when=over("amount", 1000), then=Terms(reviewers="finance"))],
...     name="refunds",
...     version=1,
... )
>>> policy.decide({"amount": 20}).sentence
'No rule of refunds (version 1) applies.'
"""

from langgraph_hitl.policies.bound import Equal, From, In, Max, Min, Until
from langgraph_hitl.policies.case import Case, Tested, run_cases
from langgraph_hitl.policies.escalation import Escalation, EscalationHandler
from langgraph_hitl.policies.explanation import Explanation, Part, RuleExplained
from langgraph_hitl.policies.load import load_policy, policy_from
from langgraph_hitl.policies.pattern import where
from langgraph_hitl.policies.policy import Policy
from langgraph_hitl.policies.rule import Rule
from langgraph_hitl.policies.ruling import Ask, Doubt, Pass, Ruling
from langgraph_hitl.policies.template import Template, matches
from langgraph_hitl.policies.terms import Terms

__all__ = [
    "Ask",
    "Case",
    "Doubt",
    "Equal",
    "Escalation",
    "EscalationHandler",
    "Explanation",
    "From",
    "In",
    "Max",
    "Min",
    "Part",
    "Pass",
    "Policy",
    "Rule",
    "RuleExplained",
    "Ruling",
    "Template",
    "Terms",
    "Tested",
    "Until",
    "load_policy",
    "matches",
    "policy_from",
    "run_cases",
    "where",
]
