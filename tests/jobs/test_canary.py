"""Silence is noticed, and a long job isn't taken for silence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from jobs.canary import beat
from jobs.session import JobSession

pytestmark = pytest.mark.django_db

BEGIN = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)


def test_check_tasks_is_content_after_a_beat(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        beat()
        clock.shift(180)
        call_command("check_tasks")
    assert capsys.readouterr().out == "The background tasks are alive.\n"


def test_check_tasks_fails_after_three_minutes_of_silence() -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        beat()
        clock.shift(181)
        with pytest.raises(CommandError, match="no sign of life since 2025-03-04 12:00 UTC"):
            call_command("check_tasks")


def test_check_tasks_fails_before_the_first_beat() -> None:
    with pytest.raises(CommandError, match="no sign of life since it was set up"):
        call_command("check_tasks")


def test_check_tasks_waits_for_a_job_that_keeps_the_workers_busy() -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        beat()
        clock.shift(3600)
        with JobSession(7):
            call_command("check_tasks")
        with pytest.raises(CommandError):
            call_command("check_tasks")


def test_a_later_beat_ends_the_silence() -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        beat()
        clock.shift(3600)
        beat()
        call_command("check_tasks")
