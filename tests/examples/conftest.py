"""The examples, as modules, and in interpreters that start from nothing."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any, TypeAlias

import pytest

FOLDER = Path(__file__).parents[2] / "examples"

Elsewhere: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """An example as a module."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    """Run code in a new interpreter that has the names of an example; what it printed.

    `folder` is that of the test. `dies` says that the code kills its process.
    """

    def run(example: str, code: str, *, dies: bool = False) -> list[str]:
        names = f"import os, signal, sys\nsys.path.insert(0, {str(FOLDER)!r})\n"
        names += f"import {example} as example\nfrom {example} import *\n"
        names += f"folder = Path({str(tmp_path)!r})\n"
        command = [sys.executable, "-W", "error", "-c", names + dedent(code)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
        assert ran.returncode == (-9 if dies else 0), ran.stderr
        return ran.stdout.splitlines()

    return run


def printed_by(example: str, *arguments: str, typed: str = "") -> list[str]:
    """What an example prints when it is run as its docstring says."""
    command = [sys.executable, str(FOLDER / f"{example}.py"), *arguments]
    ran = subprocess.run(
        command, input=typed, capture_output=True, text=True, check=True, timeout=100
    )
    return ran.stdout.splitlines()
