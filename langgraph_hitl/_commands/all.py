"""Every command of the inbox, in the order of the help."""

from langgraph_hitl._commands.abstain import abstain
from langgraph_hitl._commands.approve import approve
from langgraph_hitl._commands.audit import audit
from langgraph_hitl._commands.cancel import cancel
from langgraph_hitl._commands.choose import choose
from langgraph_hitl._commands.claim import claim
from langgraph_hitl._commands.command import Function
from langgraph_hitl._commands.defer import defer
from langgraph_hitl._commands.doctor import doctor
from langgraph_hitl._commands.edit import edit
from langgraph_hitl._commands.escalate import escalate
from langgraph_hitl._commands.export import export
from langgraph_hitl._commands.history import history
from langgraph_hitl._commands.inbox import inbox
from langgraph_hitl._commands.items import items
from langgraph_hitl._commands.metrics import metrics
from langgraph_hitl._commands.override import override
from langgraph_hitl._commands.pause import pause
from langgraph_hitl._commands.people import people
from langgraph_hitl._commands.reconcile import reconcile
from langgraph_hitl._commands.redact import redact
from langgraph_hitl._commands.reject import reject
from langgraph_hitl._commands.release import release
from langgraph_hitl._commands.respond import respond
from langgraph_hitl._commands.resume import resume
from langgraph_hitl._commands.retain import retain
from langgraph_hitl._commands.revise import revise
from langgraph_hitl._commands.runs import runs
from langgraph_hitl._commands.show import show
from langgraph_hitl._commands.steer import steer
from langgraph_hitl._commands.stop import stop
from langgraph_hitl._commands.verify import verify
from langgraph_hitl._commands.work import work

COMMANDS: tuple[Function, ...] = (
    inbox,
    show,
    approve,
    reject,
    revise,
    edit,
    respond,
    choose,
    items,
    abstain,
    claim,
    release,
    defer,
    escalate,
    cancel,
    override,
    runs,
    pause,
    steer,
    resume,
    stop,
    history,
    verify,
    audit,
    export,
    metrics,
    redact,
    retain,
    work,
    reconcile,
    doctor,
    people,
)
