"""What a policy of many rules costs: a case that is tried against 1,000 of them.

    python benchmarks/policies.py            # about half a minute
    python benchmarks/policies.py --quick    # a short run, for a first look

The rules are limits, flags, hours of the week, patterns and templates, of one to three triggers
each. Every case is tried against all of them: the last rule holds, or none does. Exit status 1: a
target was missed.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from langgraph_hitl.policies import Equal, In, Max, Min, Policy, Rule, Template, matches, where
from langgraph_hitl.triggers import Trigger, during, flagged, over

RULES = 1_000
LIMIT_MS = 5.0
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def condition(number: int, rng: random.Random) -> Trigger:
    """A condition that holds for none of the cases, of one to three triggers."""
    amount, field = rng.randint(50_000, 90_000), f"amount_{number % 20}"
    country = where({"country": In([f"X{number}", f"Y{number}"])})
    template = Template(
        f"template {number}",
        version=1,
        owner="finance",
        expires="2030-12-31",
        matches={"kind": Equal(f"kind {number}"), field: (Min(10), Max(amount))},
    )
    kinds = [
        over(field, amount),
        country,
        matches(template),
        over(field, amount) & flagged(f"flag_{number % 10}"),
        during("Sat-Sun", tz="Europe/Berlin") & over(field, 10),
        ~over(field, 1) & country & flagged("disputed"),
    ]
    return kinds[number % len(kinds)]


def policy(rules: int = RULES) -> Policy:
    """That many rules, the last of which lets pass what is small."""
    rng = random.Random(0)  # noqa: S311  # no secret: the limits of the rules
    made = [
        Rule(f"rule {number}", when=condition(number, rng), then="ask")
        for number in range(rules - 1)
    ]
    made.append(Rule("small", when=~over("total", 100), then="pass"))
    return Policy(made, name="benchmark", version=1, at=AT)


def case(number: int) -> dict[str, Any]:
    """A case that no rule but perhaps the last one holds for."""
    amounts = {f"amount_{each}": 100.5 + number + each for each in range(20)}
    flags = {f"flag_{each}": False for each in range(10)}
    total = 50 if number % 2 else 500
    return {
        "country": "DE",
        "kind": "refund",
        "disputed": False,
        "total": total,
        **amounts,
        **flags,
    }


def measure(tried: Policy, cases: int) -> list[float]:
    """Milliseconds of CPU of each case."""
    spent = []
    for number in range(20):
        tried.decide(case(number), AT)
    gc.collect()
    gc.freeze()
    for number in range(cases):
        values = case(number)
        begun = time.process_time()
        ruling = tried.decide(values, AT)
        spent.append(1000 * (time.process_time() - begun))
        if (ruling.rule == "small") is not (values["total"] == 50):
            raise RuntimeError(f"case {number} was decided by {ruling.rule}: {ruling.sentence}")
    gc.unfreeze()
    return spent


def report(spent: Sequence[float], limit: float = LIMIT_MS) -> bool:
    """Print the figures; whether the median and the 95th percentile are below the limit."""
    figures = {"median": statistics.median(spent), "p95": statistics.quantiles(spent, n=20)[-1]}
    for name, figure in figures.items():
        word = "met" if figure < limit else "MISSED"
        print(f"  {name:<8}{figure:>8.2f} ms  under {limit:g} ms: {word}")
    return all(figure < limit for figure in figures.values())


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer cases")
    options = parser.parse_args(argv)
    cases = 200 if options.quick else 3_000
    print(f"One case against {RULES:,} rules, {cases:,} cases")
    return 0 if report(measure(policy(), cases)) else 1


if __name__ == "__main__":
    sys.exit(main())
