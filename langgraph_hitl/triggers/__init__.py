"""When a person is needed: triggers for `when=`, combined with `&`, `|` and `~`.

Plain functions of the state take part as they are. A trigger gives a `Finding` with one sentence
that the reviewer sees and the record keeps, and with a score and factors where it grades.

>>> from langgraph_hitl.triggers import flagged, over
>>> when = over("payment.amount", 1000) | flagged("disputed")
>>> when({"payment": {"amount": 20}, "disputed": True}).sentence
'Flagged as disputed.'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from langgraph_hitl.errors import Unreadable
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.confidence import below_confidence
from langgraph_hitl.triggers.draw import Salt, draw
from langgraph_hitl.triggers.flag import flagged
from langgraph_hitl.triggers.predicate import predicate
from langgraph_hitl.triggers.sample import sampled
from langgraph_hitl.triggers.source import Source
from langgraph_hitl.triggers.trigger import Trigger

if TYPE_CHECKING:
    from langgraph_hitl.triggers.calendar import Calendar
    from langgraph_hitl.triggers.complexity import complexity_above
    from langgraph_hitl.triggers.constant import always, never
    from langgraph_hitl.triggers.factors import (
        Factor,
        Score,
        amount_bands,
        factor,
        irreversibility,
        personal_data,
        public_reach,
        weighted,
    )
    from langgraph_hitl.triggers.hours import during, outside
    from langgraph_hitl.triggers.level import BANDS, LEVELS, Level, level_of
    from langgraph_hitl.triggers.limit import over
    from langgraph_hitl.triggers.model import from_model
    from langgraph_hitl.triggers.risk import risk_at_least

__all__ = [
    "BANDS",
    "LEVELS",
    "Calendar",
    "Factor",
    "Finding",
    "Level",
    "Salt",
    "Score",
    "Source",
    "Trigger",
    "Unreadable",
    "always",
    "amount_bands",
    "below_confidence",
    "complexity_above",
    "draw",
    "during",
    "factor",
    "flagged",
    "from_model",
    "irreversibility",
    "level_of",
    "never",
    "outside",
    "over",
    "personal_data",
    "predicate",
    "public_reach",
    "risk_at_least",
    "sampled",
    "weighted",
]

_LATER = {
    "calendar": ("Calendar",),
    "complexity": ("complexity_above",),
    "constant": ("always", "never"),
    "factors": (
        "Factor",
        "Score",
        "amount_bands",
        "factor",
        "irreversibility",
        "personal_data",
        "public_reach",
        "weighted",
    ),
    "hours": ("during", "outside"),
    "level": ("BANDS", "LEVELS", "Level", "level_of"),
    "limit": ("over",),
    "model": ("from_model",),
    "risk": ("risk_at_least",),
}
"""What no preset needs is imported when somebody asks for it, so that the package imports fast."""

_HOME = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
