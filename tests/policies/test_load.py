"""A policy that is not as documented is an error with the line, the path and what was meant."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl.errors import GateError, MissingExtra
from langgraph_hitl.policies import Policy, load_policy, policy_from

FILE = Path(__file__).parent.parent / "fixtures" / "policy.yaml"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEAD = "name: p\nversion: 1\n"
TEMPLATE = """templates:
  - name: small
    version: 1
    owner: finance
    expires: 2026-12-31
    matches: {amount: {max: 50}}
"""
RULES = "rules:\n  - {name: a, when: always, then: ask}\n"


def refused(text: str, message: str, *, at: datetime = AT) -> None:
    """The text is refused with a message that begins so; `...` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in message.split("..."))
    with pytest.raises(GateError, match=f"^{pattern}"):
        policy_from(text, at=at)


def rule(when: str = "{flagged: x}", then: str = "pass") -> str:
    return f"{HEAD}{TEMPLATE}rules:\n  - name: a\n    when: {when}\n    then: {then}\n"


def test_a_file() -> None:
    policy = load_policy(FILE, at=AT)
    assert (policy.name, policy.version, policy.owner) == ("refunds", "3", "finance")
    assert [each.name for each in policy.rules] == ["disputed", "large", "usual", "travel"]
    assert {name: each.version for name, each in policy.templates.items()} == {
        "small refund": "2",
        "season": "summer",
    }
    first, second, *_ = policy.rules
    assert first.terms is not None
    assert first.terms.to_json() == {
        "reviewers": "2 of 3 by finance",
        "timeout": "1d",
        "on_timeout": "reject",
        "remind": ["2h"],
    }
    assert second.terms is not None
    assert second.terms.to_json() == {"reviewers": "any of directors", "priority": "high"}
    assert policy.default.to_json() == {"queue": "refunds"}


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(HEAD + RULES.replace("when", "wen"), encoding="utf-8")
    message = f"^{re.escape(str(path))}, line 4, rules\\[0\\].wen: unknown field 'wen'; did you"
    with pytest.raises(GateError, match=message):
        load_policy(path)


def test_a_file_that_is_not_there_is_an_error_also_with_a_line_break_in_its_name() -> None:
    for path in ("nowhere.yaml", "name: p\nversion: 1\n"):
        with pytest.raises(GateError, match="cannot be read"):
            load_policy(path)


def test_a_text_is_never_a_path() -> None:
    refused(str(FILE), "line 1: must be a mapping with name, version, owner")


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ruamel.yaml", None)
    with pytest.raises(MissingExtra, match=r"A policy in YAML .*langgraph-hitl\[policy\]"):
        policy_from(HEAD + RULES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "policy: the document is empty"),
        ("[]", "line 1: must be a mapping with name, version, owner"),
        (HEAD, "line 1: the field 'rules' is missing"),
        (f"version: 1\n{RULES}", "line 1: the field 'name' is missing"),
        (f"name: p\n{RULES}", "line 1: the field 'version' is missing"),
        (f"name: p\nversion: 1.5\n{RULES}", "line 2, version: must be a text, not a number (1.5)"),
        (f"name: p\nversion: true\n{RULES}", "line 2, version: must be a text, not true or false"),
        (f"{HEAD}onwer: x\n{RULES}", "line 3, onwer: unknown field 'onwer'; did you mean 'owner'?"),
        (f"{HEAD}name: q\n{RULES}", "line 3: 'name' stands twice, first in line 1"),
        (f"{HEAD}owner: 5\n{RULES}", "line 3, owner: must be a text, not a number (5); put it in"),
        (f"{HEAD}rules: []\n", "line 3, rules: the list is empty"),
        (f"{HEAD}rules:\n  a: 5\n", "line 3, rules: must be a list, not a mapping"),
        (f"{HEAD}{RULES}{TEMPLATE}", "line 3, rules: 'rules' stands before 'templates'"),
        (f"{HEAD}{RULES}{RULES}", "line 5: 'rules' stands twice, first in line 3"),
        (
            f"{HEAD}{RULES}default: {{timeout: 1h}}\ndefault: {{}}\n",
            "line 6: 'default' stands twice",
        ),
        (f"{HEAD}{RULES}default: pass\n", "line 5, default: must be a mapping with reviewers, tim"),
        (f"{HEAD}{RULES}default: {{pass: 1}}\n", "line 5, default.pass: unknown field 'pass'"),
        # rules
        (f"{HEAD}rules: [always]\n", "line 3, rules[0]: must be a mapping with name, when, then"),
        (
            f"{HEAD}rules: [{{name: a, then: pass}}]\n",
            "line 3, rules[0]: the field 'when' is missing",
        ),
        (
            f"{HEAD}rules: [{{name: a, when: always}}]\n",
            "line 3, rules[0]: the field 'then' is mis",
        ),
        (f"{HEAD}rules: [{{when: always, then: ask}}]\n", "line 3, rules[0]: the field 'name' is"),
        (
            f"{HEAD}rules: [{{name: a, then: pass, when: always}}]\n",
            "line 3, rules[0].then: 'then' stands before 'when'",
        ),
        (
            f"{HEAD}{RULES}  - {{name: b, when: always, then: pass}}\n",
            "line 1: rule 'b' is never reached: 'a' applies to every case",
        ),
        (
            f"{HEAD}rules:\n  - {{name: a, when: {{flagged: x}}, then: ask}}\n"
            "  - {name: a, when: {flagged: y}, then: ask}\n",
            "line 5, rules[1].name: the name 'a' stands twice, first in line 4",
        ),
        (
            f"{HEAD}rules: [{{name: default, when: always, then: ask}}]\n",
            "line 3, rules[0]: 'default' is the word for no rule",
        ),
        (rule("never"), "line 10, rules[0]: rule 'a' can never apply"),
        (rule("{all: [never, {flagged: x}]}"), "line 10, rules[0]: rule 'a' can never apply"),
        (rule("{fits: small}"), "line 11, rules[0].when.fits: unknown trigger 'fits'"),
        (rule("matches"), "line 11, rules[0].when: 'matches' needs options"),
        (
            rule("{matchs: small}"),
            "line 11, rules[0].when.matchs: unknown trigger 'matchs'; did you mean 'matches'?",
        ),
        (
            rule("{matches: smal}"),
            "line 11, rules[0].when.matches: unknown template 'smal'; did you mean 'small'?",
        ),
        (
            rule("{not: {any: [{matches: big}]}}"),
            "line 11, rules[0].when.not.any[0].matches: unknown template 'big'; known: small",
        ),
        (
            rule("{during: {spans: 09:00-17:00, tz: Europe/Berln}}"),
            "line 11, rules[0].when.during.tz: tz: unknown time zone 'Europe/Berln'",
        ),
        (rule(then="approve"), "line 12, rules[0].then: unknown word for what follows 'approve'"),
        (rule(then="true"), "line 12, rules[0].then: must be a text, not true or false (True)"),
        (rule(then="{pass: {}}"), "line 12, rules[0].then.pass: unknown field 'pass'"),
        (rule(then="{ask: }"), "line 12, rules[0].then.ask: must be a mapping with reviewers"),
        # terms
        (rule(then="{ask: {reviwers: a}}"), "line 12, rules[0].then.ask.reviwers: unknown field"),
        (rule(then="{ask: {reviewers: 5}}"), "line 12, rules[0].then.ask.reviewers: must be a ro"),
        (
            rule(then="{ask: {reviewers: [editors, 5]}}"),
            "line 12, rules[0].then.ask.reviewers[1]: must be a text, not a number (5)",
        ),
        (rule(then="{ask: {reviewers: []}}"), "line 12, rules[0].then.ask.reviewers: the list is"),
        (
            rule(then="{ask: {reviewers: {quorm: {n: 2}}}}"),
            "line 12, rules[0].then.ask.reviewers.quorm: unknown panel 'quorm'; did you mean 'quo",
        ),
        (
            rule(then="{ask: {reviewers: {quorum: {of: a}}}}"),
            "line 12, rules[0].then.ask.reviewers.quorum: the field 'n' is missing",
        ),
        (
            rule(then="{ask: {reviewers: {quorum: {n: 5, of: a, size: 3}}}}"),
            "line 12, rules[0].then.ask.reviewers.quorum: ",
        ),
        (
            rule(then="{ask: {reviewers: {quorum: {n: 2, of: 7}}}}"),
            "line 12, rules[0].then.ask.reviewers.quorum.of: must be a list, not a number (7)",
        ),
        (
            rule(then="{ask: {reviewers: {majority: {of: a, size: 3.5}}}}"),
            "line 12, rules[0].then.ask.reviewers.majority.size: must be a whole number, not 3.5",
        ),
        (
            rule(then="{ask: {timeout: 24}}"),
            "line 12, rules[0].then.ask.timeout: timeout must be a duration such as '30m', '24h', "
            "'7d' or '1d 12h', not 24: hours are '24h'",
        ),
        (
            rule(then="{ask: {timeout: 24 hrs}}"),
            "line 12, rules[0].then.ask.timeout: timeout must be a duration such as '30m'",
        ),
        (
            rule(then="{ask: {reviewers: {quorum: {n: 2, of: a}, veto: b}}}"),
            "line 12, rules[0].then.ask.reviewers: must name one of anyone, quorum, majority, "
            "unanimous, all_of, chain, by_risk, expert, not 'quorum', 'veto'; what a panel takes "
            "stands under its name: {quorum: {n: 2, of: security, veto: ciso}}",
        ),
        (
            rule(then="{ask: {reviewers: {chain: [member, leed]}}}"),
            "line 12, rules[0].then.ask.reviewers.chain: chain: unknown level 'leed'; did you mean "
            "'lead'? (ladder= takes levels of your own)",
        ),
        (
            rule(then="{ask: {reviewers: {by_risk: {low: a, high: {chain: [leed]}}}}}"),
            "line 12, rules[0].then.ask.reviewers.by_risk.high.chain: chain: unknown level 'leed'",
        ),
        (
            rule(then="{ask: {reviewers: {by_risk: {low: a, hihg: b}}}}"),
            "line 12, rules[0].then.ask.reviewers.by_risk: by_risk: unknown risk 'hihg'; did you "
            "mean 'high'?",
        ),
        (
            rule(then="{ask: {reviewers: {chain: {levels: [member], within: {member: 4}}}}}"),
            "line 12, rules[0].then.ask.reviewers.chain.within.member: the time of 'member'"
            " must be",
        ),
        (
            rule(then="{ask: {timeout: 0h}}"),
            "line 12, rules[0].then.ask.timeout: timeout must be more than nothing",
        ),
        (
            rule(then="{ask: {timeout: 1h, on_timeout: approve}}"),
            "line 12, rules[0].then.ask.on_timeout: unknown on_timeout 'approve'; known: reject, e",
        ),
        (
            rule(then="{ask: {on_timeout: reject}}"),
            "line 12, rules[0].then.ask: rule 'a': on_timeout has no effect without a timeout",
        ),
        (
            rule(then="{ask: {reviewers: x, timeout: 1h, on_timeout: escalate}}"),
            "line 12, rules[0].then.ask: rule 'a': on_timeout='escalate' needs somebody to pass it",
        ),
        (
            rule(then="{ask: {reviewers: x, timeout: 1h, remind: [2h]}}"),
            "line 12, rules[0].then.ask: rule 'a': remind 2h before the end comes before the time",
        ),
        (
            rule(then="{ask: {timeout: 1h, remind: [30m, soon]}}"),
            "line 12, rules[0].then.ask.remind[1]: remind must be a duration",
        ),
        (
            rule(then="{ask: {timeout: 1h, remind: 5}}"),
            "line 12, rules[0].then.ask.remind: remind must be a duration",
        ),
        (
            rule(then="{ask: {timeout: 1h, remind: []}}"),
            "line 12, rules[0].then.ask.remind: the list is empty",
        ),
        (
            rule(then="{ask: {priority: urgent}}"),
            "line 12, rules[0].then.ask.priority: unknown priority 'urgent'; known: critical, high",
        ),
        (rule(then="{ask: {queue: ''}}"), "line 12, rules[0].then.ask.queue: must be a text that"),
        # bounds
        (rule("{where: {}}"), "line 11, rules[0].when.where: must be a mapping of state keys to"),
        (rule("{where: {a: 5}}"), "line 11, rules[0].when.where.a: must be a bound such as 'equal"),
        (rule("{where: {a: {}}}"), "line 11, rules[0].when.where.a: must be a bound such as"),
        (
            rule("{where: {a: {maximum: 5}}}"),
            "line 11, rules[0].when.where.a.maximum: unknown field 'maximum'",
        ),
        (
            rule("{where: {a: {max: '5'}}}"),
            "line 11, rules[0].when.where.a.max: must be a number, not a text",
        ),
        (rule("{where: {a: {max: .nan}}}"), "line 11, rules[0].when.where.a.max: must be a finite"),
        (rule("{where: {a: {in: DE}}}"), "line 11, rules[0].when.where.a.in: must be a list, not"),
        (rule("{where: {a: {in: [1, x]}}}"), "line 11, rules[0].when.where.a.in: in takes values"),
        (rule("{where: {a: {in: [1, 1.0]}}}"), "line 11, rules[0].when.where.a.in: in has 1 twice"),
        (rule("{where: {a: {equal: }}}"), "line 11, rules[0].when.where.a.equal: must be a text"),
        (
            rule("{where: {a: {from: 2026-02-30}}}"),
            "line 11, rules[0].when.where.a.from: from must be a date such as 2026-12-31",
        ),
        (
            rule("{where: {a: {min: 5, max: 4}}}"),
            "line 11, rules[0].when.where.a: a: is never at least 5 and at most 4",
        ),
        (
            rule("{where: {a: {from: 2026-02-02, until: 2026-01-01}}}"),
            "line 11, rules[0].when.where.a: a: is never from 2026-02-02 on and until 2026-01-01",
        ),
        (
            rule("{where: {a: {min: 5, until: 2026-01-01}}}"),
            "line 11, rules[0].when.where.a: a: is never a number and a date",
        ),
        (
            rule("{where: {a: {equal: 5, max: 4}}}"),
            "line 11, rules[0].when.where.a: a: has Equal beside other bounds",
        ),
        (rule("{where: {a..b: {max: 4}}}"), "line 11, rules[0].when.where.a..b: 'a..b' is no stat"),
        (rule("{where: {review.x: {max: 4}}}"), "line 11, ...a gate never reads the records"),
    ],
)
def test_a_policy_that_is_not_as_documented(text: str, message: str) -> None:
    refused(text, message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("owner: finance", "ower: finance", "line 6, templates[0].ower: unknown field 'ower'"),
        ("    owner: finance\n", "", "line 4, templates[0]: the field 'owner' is missing"),
        ("    expires: 2026-12-31\n", "", "line 4, templates[0]: the field 'expires' is missing"),
        ("2026-12-31", "2026-05-31", "line 4, templates[0]: template 'small' (version 1) of fina"),
        ("2026-12-31", "'2026-06-01T12:00:00Z'", "line 4, templates[0]: template 'small' (version"),
        (
            "2026-12-31",
            "2026-12-31T09:00:00",
            "line 4, templates[0]: template 'small': expires m",
        ),
        ("2026-12-31", "end of 2026", "line 4, templates[0]: template 'small': expires must be a"),
        ("{amount: {max: 50}}", "{}", "line 8, templates[0].matches: must be a mapping of state"),
        ("  - name: small", "  - name: 5", "line 4, templates[0].name: must be a text, not a num"),
        ("templates:\n", "templates: []\nx:\n", "line 4, x: unknown field 'x'"),
    ],
)
def test_a_template_that_is_not_as_documented(old: str, new: str, message: str) -> None:
    text = HEAD + TEMPLATE + RULES
    assert policy_from(text, at=AT)
    refused(text.replace(old, new, 1), message)


def test_a_template_of_the_same_name_is_refused() -> None:
    twice = TEMPLATE + TEMPLATE.removeprefix("templates:\n")
    message = "line 9, templates[1].name: the name 'small' stands twice, first in line 4"
    refused(HEAD + twice + RULES, message)


CASES = "cases:\n  - values: {x: 1}\n    expect: ask\n    rule: a\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("expect: ask", "expect: pass", "line 6, cases[0]: 'case 1' is expected to be pass by a, "),
        ("rule: a", "rule: default", "line 6, cases[0]: 'case 1' is expected to be ask by default"),
        ("rule: a", "rule: b", "line 8, cases[0].rule: unknown rule 'b'; known: a, default"),
        ("expect: ask", "expect: approve", "line 7, cases[0].expect: unknown expectation 'approve"),
        ("    expect: ask\n", "", "line 6, cases[0]: the field 'expect' is missing"),
        ("values: {x: 1}", "values: [x]", "line 6, cases[0].values: must be a mapping of state ke"),
        ("rule: a", "at: 2026-06-01", "line 8, cases[0].at: must be a moment with its offset"),
        ("rule: a", "rules: a", "line 8, cases[0].rules: unknown field 'rules'; did you mean 'ru"),
    ],
)
def test_a_case_that_does_not_come_out_or_is_none(old: str, new: str, message: str) -> None:
    text = HEAD + RULES + CASES
    assert policy_from(text, at=AT)
    refused(text.replace(old, new, 1), f"{message}")


def test_a_dict_has_no_lines() -> None:
    data: dict[str, Any] = {"name": "p", "version": 1, "rules": [{"name": "a", "wen": "always"}]}
    with pytest.raises(GateError, match=r"^rules\[0\].wen: unknown field 'wen'; did you mean"):
        policy_from(data)
    with pytest.raises(GateError, match=r"^policy: must be a mapping with name"):
        policy_from([])  # type: ignore[arg-type]  # what is refused


def test_the_moment_has_a_time_zone() -> None:
    with pytest.raises(GateError, match="at must be a datetime with a time zone"):
        policy_from(HEAD + RULES, at=datetime(2026, 6, 1))  # what is refused


def test_every_kind_of_panel() -> None:
    for reviewers, expected in {
        "editors": "any of editors",
        "[editors, legal]": "any of editors, legal",
        "{anyone: {people: [maria]}}": "any of maria",
        "{quorum: {n: 2, of: security, size: 3, veto: ciso}}": "2 of 3 by security, veto by ciso",
        "{majority: {of: board, size: 5}}": "a majority of 5 by board",
        "{unanimous: {people: [ann, bob]}}": "all of 2 by ann, bob",
        "{all_of: [editors, {quorum: {n: 2, of: legal}}]}": "any of editors; and 2 by legal",
        "{chain: [member, lead]}": "member or above, in the chain member, lead",
        "{chain: {levels: [a, b], ladder: [a, b, c], within: {a: 4h}, bands: [0.5]}}": (
            "b or above, in the chain a, b"
        ),
        "{expert: tax}": "any of experts in tax",
        "{expert: {skill: [tax, law], n: 2}}": "2 by experts in tax, experts in law",
        "{by_risk: {low: editors, high: {chain: [lead]}}}": (
            "low: any of editors; high: lead or above, in the chain lead"
        ),
        "{by_risk: {'0': editors, '0.6': legal}}": "from 0: any of editors; from 0.6: any of legal",
    }.items():
        policy: Policy = policy_from(rule(then=f"{{ask: {{reviewers: {reviewers}}}}}"), at=AT)
        terms = policy.rules[0].terms
        assert terms is not None
        assert terms.reviewers is not None
        assert terms.reviewers.rule == expected
