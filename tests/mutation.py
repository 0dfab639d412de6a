"""Remove each statement of `record`, one at a time: every removal has to make a test fail.

    python -m tests.mutation [--jobs 2] [--module _subgraph/record.py] [--tests FILE ...]

Works on a copy in a temporary directory. Left out: docstrings, and assertions that only narrow a
type (`assert ...` and `assert_never(...)`), which no test can see, and a `return None` at the end
of a function, which does what falling off the end does. Exit status 1 if a removal goes unnoticed.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "langgraph_hitl"
QUIETLY = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider"]


@dataclass(frozen=True)
class Mutant:
    """The statement number `index` of a module, taken away."""

    index: int
    line: int
    text: str
    source: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def removable(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], int]]:
    """Every statement inside a function, as the block it stands in and its place there."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    seen: set[int] = set()
    for function in functions:
        last = {id(statement) for statement in _ends(function.body)}
        for node in ast.walk(function):
            for block in _blocks(node):
                for place, statement in enumerate(block):
                    idle = id(statement) in last and _returns_none(statement)
                    if id(statement) not in seen and not idle and not _exempt(statement):
                        seen.add(id(statement))
                        yield block, place


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _ends(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements after which a function ends."""
    last = block[-1]
    yield last
    inner = [case.body for case in last.cases] if isinstance(last, ast.Match) else []
    if isinstance(last, ast.If):
        inner = [part for part in (last.body, last.orelse) if part]
    for part in inner:
        yield from _ends(part)


def _returns_none(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return) and (
        statement.value is None
        or (isinstance(statement.value, ast.Constant) and statement.value.value is None)
    )


def _exempt(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assert | ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    if isinstance(value, ast.Constant):
        return True
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "assert_never"
    )


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module's text."""
    found = []
    for index in range(len(list(removable(ast.parse(source))))):
        tree = ast.parse(source)
        block, place = list(removable(tree))[index]
        statement = block[place]
        block[place] = ast.copy_location(ast.Pass(), statement)
        text = ast.unparse(statement).splitlines()[0]
        found.append(Mutant(index, statement.lineno, text, ast.unparse(tree)))
    return found


def copy_of_the_project(target: Path) -> None:
    """The package and its tests, apart from the working tree."""
    ignored = shutil.ignore_patterns("__pycache__", ".mypy_cache")
    for folder in (PACKAGE, "tests"):
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", target)


def noticed(project: Path, tests: Sequence[str]) -> bool:
    """Whether the tests fail in this copy of the project."""
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", *QUIETLY, *tests],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"pytest could not run:\n{done.stdout}{done.stderr}")
    return done.returncode != 0


def loaded_from(project: Path) -> Path:
    """Where the package is imported from when the tests of this copy run."""
    where = subprocess.run(
        [sys.executable, "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(where.stdout.strip())


def check(mutant: Mutant, module: str, tests: Sequence[str]) -> bool:
    """Whether the mutant is noticed."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        copy_of_the_project(project)
        (project / PACKAGE / module).write_text(mutant.source)
        return noticed(project, tests)


def main() -> int:
    """Print the survivors; 1 if there are any, 2 if the tests fail without a mutant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--module", default="_subgraph/record.py", help="a file of the package")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tests", nargs="+", default=["tests/subgraph/test_record.py"])
    given = parser.parse_args()

    source = (ROOT / PACKAGE / given.module).read_text()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve()
        copy_of_the_project(project)
        if not loaded_from(project).is_relative_to(project):
            print(f"the copy in {project} is not what would be tested")
            return 2
        if noticed(project, given.tests):
            print("the tests fail without any mutant")
            return 2

    found = mutants(source)
    with ThreadPoolExecutor(given.jobs) as pool:
        results = list(pool.map(lambda m: check(m, given.module, given.tests), found))
    survivors = [mutant for mutant, dead in zip(found, results, strict=True) if not dead]
    for mutant in survivors:
        print(f"survived: {mutant}")
    print(f"{len(found)} statements removed one at a time, {len(survivors)} unnoticed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
