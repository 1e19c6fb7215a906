"""What the page of exports shows: the files being made, those that can be downloaded, and those that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now

from accounts.models import Store
from jobs.models import Job
from lib.wording import count_text
from segments.exports import files
from segments.exports.kinds import KINDS, FileKind

SHOWN = timedelta(days=7)  # how far back exports are listed
MOST_SHOWN = 50


@dataclass(frozen=True)
class Export:
    """An export made in the background, as its page shows it."""

    job: Job
    kind: FileKind
    words: str
    url: str  # of the file, while there is one
    expires_at: datetime | None
    again_query: str

    @property
    def too_large(self) -> bool:
        """Whether what it was made for won't take it in one piece."""
        return self.kind.largest is not None and self.job.result.get("bytes", 0) > self.kind.largest

    @property
    def left_out(self) -> list[str]:
        """Who isn't in the file, a sentence each."""
        without, refused = (self.job.result.get(name, 0) for name in ("without_email", "refused"))
        said = [(without, "without an e-mail address"), (refused, "who refused marketing e-mail")]
        return [
            f"{count_text(count, 'person', 'people')} {who} {'is' if count == 1 else 'are'} left out."
            for count, who in said
            if count
        ]


def exports_of(store: Store) -> list[Export]:
    """The exports of the last days, the newest first. One query."""
    jobs = Job.objects.filter(store=store, kind=files.EXPORT, created_at__gte=now() - SHOWN)
    jobs = jobs.select_related("requested_by").order_by("-created_at", "-id")[:MOST_SHOWN]
    return [export_of(store, job) for job in jobs]


def export_of(store: Store, job: Job) -> Export:
    """The export that a job makes."""
    asked, until = job.arguments, files.expires_at(job)
    return Export(
        job=job,
        kind=KINDS[asked["kind"]],
        words=asked["words"],
        url=reverse("segments:export_file", args=[store.slug, files.link_token(job)]) if until else "",
        expires_at=until,
        again_query=f"{urlencode({'list': asked['list']})}&{asked['query']}",
    )
