"""What a checkpoint may look like, as a JSON schema: written from the documentation, not the code.

It knows nothing of values that belong together (weights and their factors, a salt and its
variable), so whatever is accepted fits it, and not the other way round.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

TEXT = {"type": "string", "pattern": r"\S"}
PATH = {"type": "string", "pattern": r"^(?!\s*reviews?(\.|\s*$))[^.]*\S[^.]*(\.[^.]*\S[^.]*)*$"}
FRACTION = {"type": "number", "minimum": 0, "maximum": 1}
TRIGGER = {"$ref": "#/$defs/trigger"}


def one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1, "uniqueItems": True}]}


def strict(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def only(name: str, options: dict[str, Any]) -> dict[str, Any]:
    return strict([name], **{name: options})


def alone_or(threshold: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"anyOf": [threshold, strict(["threshold"], threshold=threshold, **options)]}


OPTIONS = {"type": "array", "items": TEXT, "minItems": 2, "uniqueItems": True}
LEVEL = {"enum": ["low", "medium", "high", "critical"]}
FACTORS = {
    "anyOf": [PATH, {"type": "object", "minProperties": 1, "additionalProperties": PATH}],
}
WEIGHTS = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"type": "number", "minimum": 0},
}
HOURS = {
    **strict(["tz"], tz=TEXT, spans=one_or_more(TEXT), calendars=one_or_more(TEXT)),
    "anyOf": [{"required": ["spans"]}, {"required": ["calendars"]}],
}
LEAVES = {
    "below_confidence": alone_or(FRACTION, confidence=PATH),
    "risk_at_least": alone_or({"anyOf": [LEVEL, FRACTION]}, risk=PATH),
    "complexity_above": alone_or(FRACTION, factors=FACTORS, weights=WEIGHTS),
    "flagged": one_or_more(PATH),
    "sampled": strict(
        ["rate", "item_id", "salt_env"], rate=FRACTION, item_id=PATH, salt_env=TEXT, purpose=TEXT
    ),
    "over": strict(["field", "limit"], field=PATH, limit={"type": "number"}),
    "during": HOURS,
    "outside": HOURS,
    "all": {"type": "array", "items": TRIGGER, "minItems": 1},
    "any": {"type": "array", "items": TRIGGER, "minItems": 1},
    "not": TRIGGER,
}
ANSWER = {
    "anyOf": [
        {"enum": ["yes_no", "free_form"]},
        only("choose_one", OPTIONS),
        only("choose_several", OPTIONS),
    ]
}
STAGE = {
    "enum": [
        "before_execution",
        "after_planning",
        "between_steps",
        "before_commit",
        "after_execution",
    ]
}
ABOUT_ANY = {
    "name": TEXT,
    "stage": STAGE,
    "action": TEXT,
    "context": one_or_more(TEXT),
    "required_context": one_or_more(TEXT),
    "criteria": one_or_more(TEXT),
    "when": TRIGGER,
}
ABOUT_SUBJECT = strict(
    ["name", "subject"],
    **ABOUT_ANY,
    subject=TEXT,
    answer={"const": "yes_no"},
    allowed_decisions=one_or_more({"enum": ["approve", "edit", "reject", "revise", "respond"]}),
)
QUESTION = strict(
    ["name", "question", "answer"],
    **ABOUT_ANY,
    question=TEXT,
    answer={"allOf": [ANSWER, {"not": {"const": "yes_no"}}]},
    into=TEXT,
    allowed_decisions=one_or_more({"enum": ["choose", "respond", "reject"]}),
)
CHECKPOINT = {
    "anyOf": [ABOUT_SUBJECT, QUESTION],
    "$defs": {
        "trigger": {
            "anyOf": [
                {"enum": ["always", "never"]},
                *(only(name, options) for name, options in LEAVES.items()),
            ]
        }
    },
}
FIELDS = sorted({*ABOUT_SUBJECT["properties"], *QUESTION["properties"]})

_VALIDATOR = Draft202012Validator(CHECKPOINT)


def fits(data: Any) -> bool:
    """Whether the data has the shape of a checkpoint."""
    return _VALIDATOR.is_valid(data)
