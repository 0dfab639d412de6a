"""`load_policy` and `policy_from`: policies out of YAML files, texts and dicts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any

from langgraph_hitl._data.place import Origin, Place
from langgraph_hitl._data.yaml_text import read_yaml
from langgraph_hitl.policies._read.document import Document, document_of_data
from langgraph_hitl.policies.case import run_cases
from langgraph_hitl.policies.moment import checked_at
from langgraph_hitl.policies.policy import Policy

_KIND = "policy"


def load_policy(path: str | PathLike[str], *, at: datetime | None = None) -> Policy:
    """The policy of a YAML file. Needs the extra `[policy]`.

    Everything is checked: fields, names, templates, whether each rule can be reached; and the
    file's own `cases` have to come out as expected.

    Args:
        path: The file, UTF-8 and YAML 1.2 without anchors, aliases, merge keys and tags.
        at: The moment for which the expiry of templates, and cases without a moment, are checked;
            now by default.

    Raises:
        GateError: The file is no such policy; the message names the line and the path.
        MissingExtra: The extra is not installed.
    """
    moment = checked_at(at)
    return _tested(read_document(path, at=moment), moment)


def policy_from(given: Mapping[str, Any] | str, *, at: datetime | None = None) -> Policy:
    r"""The same from a dict, or from a YAML text.

    | field | value |
    |---|---|
    | `name`, `version` | required, as are the `rules`; `owner` is not |
    | `templates` | a list of `{name, version, owner, expires, matches}`, before the rules |
    | `rules` | a list of `{name, when, then}`; `when` stands before `then` |
    | `default` | terms where no rule applies |
    | `cases` | a list of `{values, expect}` (`ask` or `pass`), also `name`, `at` and `rule` |

    `when` takes the triggers of a `Checkpoint`, `matches: the name of a template`, and `where`,
    which takes bounds as `matches` of a template does: `{amount: {min: 1, max: 50}, currency:
    {equal: EUR}, country: {in: [DE, FR]}, due: {from: 2026-01-01, until: 2026-12-31}}`.

    `then` is `pass`, `ask`, or `ask` with terms: `{ask: {reviewers, timeout, on_timeout, remind,
    on_defer, priority, queue}}`; `default` takes the terms alone, without `ask`.

    | `reviewers` | |
    |---|---|
    | `finance`, `[finance, legal]` | anybody with one of these roles |
    | `anyone`, `quorum`, `majority`, `unanimous` | `of` (roles), `people` (ids), `n`, `size`, ... |
    | `all_of` | a list of panels |
    | `chain` | levels, the lowest first, or `{levels, ladder, within: {member: 4h}, bands}` |
    | `by_risk` | `{low: finance, high: {chain: [lead]}}`; scores in quotes: `{'0': a, '0.6': b}` |
    | `expert` | a skill, a list of them, or `{skill, n, size}` |

    >>> policy = policy_from('''
    ... name: refunds
    ... version: 3
    ... templates:
    ...   - name: small refund
    ...     version: 2
    ...     owner: finance
    ...     expires: 2030-12-31
    ...     matches: {kind: {equal: refund}, amount: {max: 50}}
    ... rules:
    ...   - name: disputed
    ...     when: {flagged: disputed}
    ...     then: {ask: {reviewers: {quorum: {n: 2, of: finance, size: 3}}, timeout: 24h}}
    ...   - name: small
    ...     when: {matches: small refund}
    ...     then: pass
    ... cases:
    ...   - values: {kind: refund, amount: 20, disputed: true}
    ...     expect: ask
    ...     rule: disputed
    ... ''')
    >>> policy.decide({"kind": "refund", "amount": 20, "disputed": False}).rule
    'small'
    >>> policy_from("name: refunds\nversion: 3\nrules:\n  - {name: a, wen: always, then: ask}\n")
    Traceback (most recent call last):
    langgraph_hitl.errors.GateError: line 4, rules[0].wen: unknown field 'wen'; did you mean 'when'?
    """
    moment = checked_at(at)
    return _tested(_document(given, moment), moment)


def read_document(path: str | PathLike[str], *, at: datetime) -> Document:
    """The policy of a file and its cases, which are not tested."""
    return document_of_data(*read_yaml(Path(path), _KIND), at)


def _document(given: Any, at: datetime) -> Document:
    if isinstance(given, str):
        return document_of_data(*read_yaml(f"{given}\n", _KIND), at)
    return document_of_data(given, Place(Origin(what=_KIND)), at)


def _tested(document: Document, at: datetime) -> Policy:
    for index, found in enumerate(run_cases(document.policy, document.cases, at)):
        if not found.ok:
            raise (document.place / index).error(
                f"{found.case.name!r} is expected to be {found.case.expected}, and is {found.got}: "
                f"{found.ruling.sentence}"
            )
    return document.policy
