"""The graphs of a place, for the command line: `--app tests.inbox.races.commanded:one`."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack

from tests.inbox.races.outages import PLACE_NAMES, ShortPlace
from tests.inbox.races.world import opened_world

_stack = ExitStack()
atexit.register(_stack.close)
_place = ShortPlace("postgresql", *(os.environ[name] for name in PLACE_NAMES))
_world = _stack.enter_context(opened_world(_place, "command line"))
one, nested = _world.app("one"), _world.app("nested")
