"""Which function does which kind of job. Apps register theirs in their `tasks` module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

from jobs.models import Job
from jobs.progress import Progress

JobFunction = Callable[[Job, Progress], dict[str, object]]


class JobFailed(Exception):  # noqa: N818  # reads as what happened: raise JobFailed("…")
    """The work can't be done; the message is a sentence for the person who asked for it."""


@dataclass(frozen=True)
class JobKind:
    name: str
    title: str
    function: JobFunction


_kinds: dict[str, JobKind] = {}


def job_kind(name: str, *, title: str = "") -> Callable[[JobFunction], JobFunction]:
    """Registers the function that does jobs of this kind.

    `title` is what people read on the tasks page ("Order import"). The function returns the job's result, a dict
    that JSON can hold. It may be run twice and must then have the same effect as once: a process can die at any
    moment. It raises JobFailed with a sentence for the person; any other exception is logged and shown to them as
    a general sentence.
    """

    def register(function: JobFunction) -> JobFunction:
        known = _kinds.get(name)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"Two functions do jobs of kind {name}.")
        _kinds[name] = JobKind(name, title or _plain(name), function)
        return function

    return register


def kind_named(name: str) -> JobKind | None:
    """The registered kind, or None. The apps' `tasks` modules are loaded by the first call."""
    if name not in _kinds:
        autodiscover_modules("tasks")
    return _kinds.get(name)


def title_of(name: str) -> str:
    """What people read for a kind of job."""
    kind = kind_named(name)
    return kind.title if kind else _plain(name)


def _plain(name: str) -> str:
    return name.replace(".", " ").replace("_", " ").capitalize()
