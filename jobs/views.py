"""The tasks page: what runs, what ran, what failed, and trying it again."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ADMINS, StoreRequest, store_page
from jobs import canary, running
from jobs.kinds import JobFailed, title_of
from jobs.models import Job
from jobs.queries import NEWEST_FIRST, finished_jobs, task_health, unfinished_jobs
from lib import keyset
from lib.pages import render_page


@dataclass(frozen=True)
class Task:
    """A job as the page shows it."""

    job: Job
    title: str


@store_page(ADMINS)
@require_safe
def task_list(request: StoreRequest) -> HttpResponse:
    """What runs and waits, then what is over, newest first."""
    health = task_health(request.store)
    page = keyset.page_of(
        finished_jobs(request.store), NEWEST_FIRST, request.GET.get(keyset.PARAMETER, ""), size=30
    )
    context = {
        "unfinished": [_task(job) for job in unfinished_jobs(request.store)],
        "finished": [_task(job) for job in page.rows],
        "health": health,
        "last_failure": _task(health.last_failure) if health.last_failure else None,
        "silence": canary.silence(),
        **page.links(request.GET),
    }
    return render_page(request, "jobs/task_list.html", context)


@store_page(ADMINS)
@require_safe
def task_progress(request: StoreRequest, job_id: int) -> HttpResponse:
    """How far one job is: asked for again and again by the page that shows it."""
    job = get_object_or_404(Job, store=request.store, id=job_id)
    return render_page(request, "jobs/task_progress.html", {"task": _task(job)})


@store_page(ADMINS)
@require_POST
def task_retry(request: StoreRequest, job_id: int) -> HttpResponse:
    """Queues failed or cancelled work again."""
    job = get_object_or_404(Job, store=request.store, id=job_id)
    try:
        running.retry(store=request.store, job_id=job.id)
    except JobFailed as refusal:
        messages.error(request, str(refusal))
    return redirect("jobs:task_list", store=request.store.slug)


@store_page(ADMINS)
@require_POST
def task_cancel(request: StoreRequest, job_id: int) -> HttpResponse:
    """Stops work that waits or runs."""
    job = get_object_or_404(Job, store=request.store, id=job_id)
    job = running.cancel(store=request.store, job_id=job.id)
    if job.state == Job.State.RUNNING:
        messages.info(request, f"{title_of(job.kind)} stops at the next safe point.")
    elif job.state == Job.State.CANCELLED:
        messages.success(request, f"{title_of(job.kind)} is cancelled.")
    return redirect("jobs:task_list", store=request.store.slug)


def _task(job: Job) -> Task:
    return Task(job, title_of(job.kind))
