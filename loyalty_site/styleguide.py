"""What the style guide shows: each component with made-up figures. Nothing here is read from a store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.timezone import now

from accounts.models import Role, Store, User
from jobs.models import Job
from loyalty_site.styleguide_charts import NAMES, SIZES, charts
from segments.models import Segment

TONES = ("page", "panel", "sunken", "text", "muted", "line", "border", "accent", "good", "warning", "bad")


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Store name", help_text="Shown to everyone who works here.")
    currency = forms.ChoiceField(
        choices=[("GBP", "British pound"), ("EUR", "Euro"), ("HUF", "Hungarian forint")],
        help_text="It can't be changed once the store has orders.",
    )
    email = forms.EmailField(label="E-mail")
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    dates = forms.ChoiceField(
        label="How are dates like 03/04/2025 meant?",
        choices=[("dmy", "3 April 2025"), ("mdy", "4 March 2025")],
        widget=forms.RadioSelect,
    )
    remember = forms.BooleanField(label="Remember this for the next file", required=False)


def sample() -> dict[str, Any]:
    """The context of the style guide's page."""
    segments = [Segment(key=str(i), name=name, health=i) for i, name in enumerate(NAMES, 1)]
    return {
        "store": Store(id=0, slug="example", name="Harbour & Finch", currency="GBP", timezone="UTC"),
        "user": User(name="Ada Lovelace", email="ada@example.com"),
        "role": Role.ADMIN,
        "segments": segments,
        "rows": _rows(segments),
        "tones": TONES,
        "trend": [181, 190, 188, 201, 196, 204, 199, 212],
        "form": SampleForm({"name": "Harbour & Finch", "currency": "GBP", "email": "ada@", "dates": "dmy"}),
        "jobs": _jobs(),
        "earlier": now() - timedelta(days=3, hours=2),
        "charts": charts(),
    }


def _rows(segments: list[Segment]) -> list[dict[str, Any]]:
    whole = sum(SIZES)
    return [
        {
            "segment": segment,
            "customers": size,
            "share": size / whole,
            "average": 4210 - 230 * place,
            "move": (9, -4, 12, 0, 3, -2, 7, 21, -1, 4, 0, 2)[place],
        }
        for place, (segment, size) in enumerate(zip(segments, SIZES, strict=True))
    ]


def _jobs() -> list[Job]:
    started = now() - timedelta(seconds=12)
    over = {"started_at": started, "finished_at": started + timedelta(seconds=9)}
    return [
        Job(id=1, state="queued", unit="rows"),
        Job(id=2, state="running", done=184_000, total=541_909, unit="rows", started_at=started),
        Job(id=3, state="running", done=4200, unit="customers", started_at=started, note="Scoring customers"),
        Job(id=4, state="succeeded", done=541_909, total=541_909, note="25,900 documents imported.", **over),
        Job(id=5, state="failed", done=120, total=900, error="The file ends in the middle of a row.", **over),
    ]
