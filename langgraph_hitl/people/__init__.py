"""People who review: who they are, when they are there, and who of them gets what.

>>> from datetime import UTC, datetime
>>> from langgraph_hitl.people import Assigned, Member, Reviewer, Roster, route_to_expert
>>> roster = Roster(Member(Reviewer("maria", skills="tax")), Member(Reviewer("cem")))
>>> route_to_expert(roster.reviewers(), skills="tax", at=datetime(2026, 12, 1, tzinfo=UTC))
Assigned(to='maria', acting_for=None)
"""

from langgraph_hitl.people.absence import Absence
from langgraph_hitl.people.assignment import Move, evened, least_loaded
from langgraph_hitl.people.delegation import acts_for, deputy_of, may_act_for
from langgraph_hitl.people.directory import Directory, members_of
from langgraph_hitl.people.hours import WorkingHours
from langgraph_hitl.people.load import load_people, people_from
from langgraph_hitl.people.member import Member
from langgraph_hitl.people.roster import Roster
from langgraph_hitl.people.routing import Assigned, Nobody, OnCall, Routed, route_to_expert
from langgraph_hitl.people.session import Rotation, SessionLimit
from langgraph_hitl.people.vacancy import vacancy
from langgraph_hitl.review.reviewer import Reviewer

__all__ = [
    "Absence",
    "Assigned",
    "Directory",
    "Member",
    "Move",
    "Nobody",
    "OnCall",
    "Reviewer",
    "Roster",
    "Rotation",
    "Routed",
    "SessionLimit",
    "WorkingHours",
    "acts_for",
    "deputy_of",
    "evened",
    "least_loaded",
    "load_people",
    "may_act_for",
    "members_of",
    "people_from",
    "route_to_expert",
    "vacancy",
]
