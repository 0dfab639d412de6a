"""The inbox: the queue of record of reviews (extra `[inbox]`)."""

from langgraph_hitl.inbox._doctor.finding import DoctorReport, Finding
from langgraph_hitl.inbox._executed import executed
from langgraph_hitl.inbox._export.export import Export
from langgraph_hitl.inbox._foreign.reconcile import ReconcileReport
from langgraph_hitl.inbox._guide import Guide
from langgraph_hitl.inbox._report.line import ReportLine
from langgraph_hitl.inbox._report.report import Report
from langgraph_hitl.inbox._run.decide import Decided
from langgraph_hitl.inbox._run.work import WorkReport
from langgraph_hitl.inbox._sealing import seal_audit
from langgraph_hitl.inbox._wait import EstimatedWait
from langgraph_hitl.inbox.inbox import Inbox
from langgraph_hitl.inbox.notice import Notice, Notify
from langgraph_hitl.inbox.recall import Recall
from langgraph_hitl.inbox.review import Review, Status
from langgraph_hitl.inbox.supervised_run import Step, Stopped, SupervisedRun

__all__ = [
    "Decided",
    "DoctorReport",
    "EstimatedWait",
    "Export",
    "Finding",
    "Guide",
    "Inbox",
    "Notice",
    "Notify",
    "Recall",
    "ReconcileReport",
    "Report",
    "ReportLine",
    "Review",
    "Status",
    "Step",
    "Stopped",
    "SupervisedRun",
    "WorkReport",
    "executed",
    "seal_audit",
]
