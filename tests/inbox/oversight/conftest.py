"""Places that several processes share."""

from tests.inbox.races.conftest import place

__all__ = ["place"]
