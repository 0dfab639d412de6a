"""The salt that the descriptions of these tests name."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.data.descriptions import SALT


@pytest.fixture(scope="module", autouse=True)
def salt() -> Iterator[None]:
    os.environ[SALT] = "0123456789abcdef"
    yield
    del os.environ[SALT]
