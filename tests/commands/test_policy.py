"""`langgraph-hitl policy`: explained and tested on the command line, without an inbox."""

from __future__ import annotations

import json

import pytest

from tests.commands.project import Project, one_line_without_traceback

POLICY = """
name: refunds
version: 3
templates:
  - name: small refund
    version: 2
    owner: finance
    expires: 2030-12-31
    matches: {kind: {equal: refund}, amount: {max: 50}}
rules:
  - name: disputed
    when: {flagged: disputed}
    then: {ask: {reviewers: finance, timeout: 24h}}
  - name: small
    when: {matches: small refund}
    then: pass
cases:
  - name: a small one
    values: {kind: refund, amount: 20}
    expect: pass
    rule: small
  - name: a year later
    values: {kind: refund, amount: 20}
    at: 2031-12-31T00:00:00+00:00
    expect: ask
"""
AT = ("--at", "2030-06-01T12:00:00+00:00")


@pytest.fixture
def policies(empty: Project) -> Project:
    empty.write("policy.yaml", POLICY)
    empty.write("case.json", '{"kind": "refund", "amount": 20}')
    return empty


def test_explain_lists_the_rules_until_the_one_that_applies(policies: Project) -> None:
    done = policies.run("policy", "explain", "policy.yaml", "case.json", *AT)
    assert done.status == 0
    assert " ".join(done.stdout.split()) == (
        "disputed: false flagged('disputed'): false. Not flagged as disputed. "
        "small: true matches(small refund): true. Matches the template 'small refund' (version 2): "
        "The kind 'refund' is equal to 'refund'. The amount 20 is at most 50. "
        "pass, by small: Rule 'small' of refunds (version 3): Matches the template 'small refund' "
        "(version 2): The kind 'refund' is equal to 'refund'. The amount 20 is at most 50."
    )


def test_explain_as_json(policies: Project) -> None:
    policies.write("case.json", '{"kind": "refund", "disputed": true}')
    found = policies.run("policy", "explain", "policy.yaml", "case.json", *AT, "--json").document
    assert found["ruling"]["decision"] == "ask"
    assert found["ruling"]["rule"] == "disputed"
    assert found["ruling"]["terms"] == {
        "reviewers": "any of finance",
        "timeout": "1d",
        "on_timeout": "reject",
    }
    assert [(each["rule"], each["holds"]) for each in found["rules"]] == [("disputed", True)]


def test_a_case_comes_through_the_standard_input(policies: Project) -> None:
    arguments = ("policy", "explain", "policy.yaml", "-", *AT, "--json")
    done = policies.run(*arguments, stdin='{"amount": "20"}')
    assert done.document["rules"][-1]["holds"] is None


def test_test_shows_a_table(policies: Project) -> None:
    done = policies.run("policy", "test", "policy.yaml", *AT)
    assert done.status == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["case", "expected", "got"],
        ["ok", "a", "small", "one", "pass", "by", "small", "pass", "by", "small"],
        ["ok", "a", "year", "later", "ask", "ask", "by", "default"],
    ]
    assert done.stderr == "As expected: 2 of 2.\n"


def test_a_case_that_fails_fails_the_command_and_says_why(policies: Project) -> None:
    policies.write("policy.yaml", POLICY.replace("{max: 50}", "{max: 10}"))
    done = policies.run("policy", "test", "policy.yaml", *AT)
    assert done.status == 1
    assert "FAILED  a small one" in done.stdout
    assert "a small one: No rule of refunds (version 3) applies.\n" in done.stderr
    assert done.stderr.endswith("Not as expected: 1 of 2.\n")
    found = policies.run("policy", "test", "policy.yaml", *AT, "--json")
    assert found.status == 1
    assert found.document["ok"] is False
    assert [(each["name"], each["ok"], each["got"]) for each in found.document["cases"]] == [
        ("a small one", False, "ask by default"),
        ("a year later", True, "ask by default"),
    ]
    done = policies.run("policy", "explain", "policy.yaml", "case.json", *AT)
    assert done.status == 0  # to see why a case fails, its file must be readable


@pytest.mark.parametrize(
    ("arguments", "status", "parts"),
    [
        (["test", "none.yaml"], 1, ["none.yaml: cannot be read"]),
        (["explain", "policy.yaml", "none.json", *AT], 2, ["none.json cannot be read"]),
        (["explain", "policy.yaml", "policy.yaml", *AT], 2, ["policy.yaml is no JSON"]),
        (["explain", "policy.yaml", "list.json", *AT], 2, ["must be a JSON object"]),
        (["explain", "policy.yaml", "twice.json", *AT], 2, ["the key 'a' stands twice"]),
        (["test", "policy.yaml", "--at", "2030-06-01"], 2, ["--at takes a moment"]),
        (["test", "policy.yaml", "--at", "2031-06-01T00:00:00Z"], 1, ["line 5", "expired"]),
        (["test", "wrong.yaml", *AT], 1, ["wrong.yaml, line 12", "did you mean 'when'?"]),
        (["test", "without.yaml", *AT], 2, ["has no cases"]),
    ],
)
def test_what_cannot_be_done_is_one_line(
    policies: Project, arguments: list[str], status: int, parts: list[str]
) -> None:
    policies.write("list.json", "[]")
    policies.write("twice.json", '{"a": 1, "a": 2}')
    policies.write("wrong.yaml", POLICY.replace("when:", "wen:", 1))
    policies.write("without.yaml", POLICY[: POLICY.index("cases:")])
    done = policies.run("policy", *arguments)
    assert done.status == status
    one_line_without_traceback(done, parts)


def test_control_characters_of_a_case_do_not_reach_the_terminal(policies: Project) -> None:
    policies.write("case.json", json.dumps({"kind": "\x1b[31mrefund", "amount": "\u202e5"}))
    done = policies.run("policy", "explain", "policy.yaml", "case.json", *AT)
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_help(empty: Project) -> None:
    listed = empty.run("policy", "--help").stdout
    assert "  explain  Show what a policy says about a case, and why." in listed
    assert "  test     Try a policy on the cases in its file." in listed
    for name in ("explain", "test"):
        done = empty.run("policy", name, "--help")
        for each in ("--at", "--json", "FILE", "Exit status"):
            assert each in done.stdout
