"""Reviews against their threads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from langgraph_hitl import Approve
from langgraph_hitl.errors import RunFailed
from tests.inbox.doctor.conftest import Clinic, at

MINUTE = timedelta(minutes=1)


def test_a_thread_that_waits_is_healthy(clinic: Clinic) -> None:
    clinic.waiting()
    assert clinic.is_healthy()


def test_a_thread_that_has_ended_is_healthy(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.inbox.decide(review.id, Approve(), by="maria")
    assert clinic.is_healthy()


def kinds(clinic: Clinic) -> list[str]:
    """What is found, whatever the clocks say: the tests shift one."""
    found = clinic.inbox.doctor().findings
    return [finding.kind for finding in found if finding.kind != "clock skew"]


def test_a_decision_waits_for_a_worker_for_a_minute(clinic: Clinic) -> None:
    app, review = clinic.waiting()
    clinic.inbox.decide(review.id, Approve(), by="maria", resume="worker")
    assert kinds(clinic) == ["waiting for a worker"]
    assert clinic.is_healthy()
    clinic.clock.shift = MINUTE
    assert kinds(clinic) == ["lost wake-up"]
    clinic.clock.shift = -MINUTE
    assert kinds(clinic) == ["lost wake-up"]  # nobody has decided it in the future
    assert app.get_state(at("t")).values.get("ran", []) == []


def test_a_repair_waits_for_no_worker(clinic: Clinic) -> None:
    app, review = clinic.waiting()
    clinic.inbox.decide(review.id, Approve(), by="maria", resume="worker")
    clinic.inbox.doctor(repair=True)
    assert app.get_state(at("t")).values["ran"] == ["act:Hello"]
    assert clinic.inbox.get(review.id).status == "applied"


def test_a_decision_whose_process_died_is_a_lost_wake_up(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.dies("resuming", lambda: clinic.inbox.decide(review.id, Approve(), by="maria"))
    app = clinic.graph()
    clinic.clock.shift = MINUTE
    (finding,) = [one for one in clinic.found() if one.kind != "clock skew"]
    assert (finding.kind, finding.review_id, finding.thread) == ("lost wake-up", review.id, "t")
    assert not finding.repaired
    assert app.get_state(at("t")).values.get("ran", []) == []


def test_a_repair_lets_the_graph_go_on(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.dies("resuming", lambda: clinic.inbox.decide(review.id, Approve(), by="maria"))
    app = clinic.graph()
    assert clinic.about(review, repair=True).repaired
    assert app.get_state(at("t")).values["ran"] == ["act:Hello"]
    assert clinic.inbox.get(review.id).status == "applied"
    assert clinic.is_healthy()


def test_a_question_that_was_filed_and_not_parked_is_parked(clinic: Clinic) -> None:
    app = clinic.graph()
    clinic.dies("parking", lambda: app.invoke({"draft": "Hello"}, at("t")))
    clinic.graph()
    assert clinic.only().kind == "lost wake-up"
    assert clinic.only(repair=True).repaired
    (review,) = clinic.inbox.pending()
    assert not review.wake
    assert clinic.is_healthy()


def test_a_run_that_was_cut_off_before_its_question_is_gone_on_with(clinic: Clinic) -> None:
    app = clinic.graph()
    clinic.dies("asking", lambda: app.invoke({"draft": "Hello"}, at("t")))
    app = clinic.graph()
    assert clinic.only(repair=True).repaired
    assert app.get_state(at("t")).interrupts
    assert clinic.is_healthy()


def test_without_the_graph_nothing_is_repaired(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.dies("resuming", lambda: clinic.inbox.decide(review.id, Approve(), by="maria"))
    finding = clinic.about(review, repair=True)
    assert (finding.kind, finding.repaired) == ("waiting for a worker", False)


def test_a_changed_state_leaves_a_dead_question(clinic: Clinic) -> None:
    app, review = clinic.waiting()
    app.update_state(at("t"), {"draft": "Hi"}, as_node="act")
    finding = clinic.only()
    assert (finding.kind, finding.review_id) == ("dead question", review.id)
    assert clinic.inbox.get(review.id).status == "pending"


def test_a_repair_supersedes_a_dead_question(clinic: Clinic) -> None:
    app, review = clinic.waiting()
    app.update_state(at("t"), {"draft": "Hi"}, as_node="act")
    assert clinic.only(repair=True).repaired
    assert clinic.inbox.get(review.id).status == "superseded"
    assert clinic.is_healthy()


def test_a_thread_that_was_deleted(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.saver.delete_thread("t")
    finding = clinic.only()
    assert (finding.kind, finding.review_id) == ("no thread", review.id)
    assert clinic.only(repair=True).repaired
    assert clinic.inbox.get(review.id).status == "superseded"
    assert clinic.is_healthy()


def test_a_graph_that_fails_at_a_decision(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.points.fail_at("recording")
    with pytest.raises(RunFailed):
        clinic.inbox.decide(review.id, Approve(), by="maria")
    finding = clinic.only()
    assert (finding.kind, finding.review_id) == ("failed run", review.id)
    assert "fail point" in finding.sentence
    assert clinic.only(repair=True).repaired
    assert clinic.inbox.get(review.id).status == "applied"


def test_a_repair_that_fails_says_why(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.dies("resuming", lambda: clinic.inbox.decide(review.id, Approve(), by="maria"))
    clinic.graph()
    clinic.points.fail_at("recording")
    finding = clinic.about(review, repair=True)
    assert (finding.informational, finding.repaired) == (False, False)
    assert "The repair failed" in finding.sentence


def test_what_somebody_is_at_is_left_alone(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.dies("resuming", lambda: clinic.inbox.decide(review.id, Approve(), by="maria"))
    clinic.graph()
    held = clinic.inbox._office.locks.try_acquire("t")
    assert held is not None
    assert clinic.inbox.doctor(repair=True).healthy
    assert clinic.inbox.get(review.id).status == "settled"
    held.release()


def test_a_lock_that_is_held_for_long_is_told(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.dies("resuming", lambda: clinic.inbox.decide(review.id, Approve(), by="maria"))
    clinic.graph()
    held = clinic.inbox._office.locks.try_acquire("t")
    assert held is not None
    clinic.clock.shift = timedelta(minutes=11)
    report = clinic.inbox.doctor()
    assert {f.kind for f in report.findings} <= {"lock held for long", "clock skew"}
    assert "lock held for long" in [f.kind for f in report.findings if f.informational]
    held.release()


def test_a_decision_that_comes_while_the_doctor_looks_is_followed(clinic: Clinic) -> None:
    """Whoever decides then finds the thread busy, and leaves the rest to the doctor."""
    app, review = clinic.waiting()
    real = clinic.saver.get_tuple
    decided: list[str] = []

    def get_tuple(config: object) -> object:
        if not decided:
            decided.append("now")
            other = clinic.inbox.decide(review.id, Approve(), by="maria")
            assert other.status == "settled"
        return real(config)  # type: ignore[arg-type]

    clinic.saver.get_tuple = get_tuple  # type: ignore[assignment, method-assign]
    assert clinic.inbox.doctor().healthy
    assert app.get_state(at("t")).values["ran"] == ["act:Hello"]
    assert clinic.inbox.get(review.id).status == "applied"
