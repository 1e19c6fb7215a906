"""Pages of exports: choosing a kind of file, the files being made and kept, and downloading one."""

from __future__ import annotations

from django.contrib import messages
from django.core.signing import SignatureExpired
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MANAGERS, StoreRequest, store_page
from jobs import running
from jobs.models import Job
from lib.pages import render_page
from segments.exports import files
from segments.exports.files import EXPORT
from segments.exports.forms import TOO_MANY, Asked, ExportForm
from segments.exports.kinds import CONTENT_TYPES, KINDS, FileKind
from segments.exports.lists import People
from segments.exports.making import SMALL, begin_export, counts, small_export
from segments.exports.pages import export_of, exports_of

OVER = "This link has run out: files are kept for 24 hours. Export the list anew."


@require_http_methods(["GET", "POST"])
@store_page(MANAGERS)
def customer_export(request: StoreRequest) -> HttpResponseBase:
    """Which kind of file a list becomes; with the kind chosen, the file: at once, or made in the background."""
    posted = request.method == "POST"
    asked = Asked.from_form(request.POST) if posted else Asked.from_address(request.GET)
    people = asked.people(request.store)
    if people is None or len(asked.picked) > SMALL:
        messages.error(request, TOO_MANY if people else "There is no such list to export any more.")
        return redirect("segments:customer_list", request.store.slug)
    chosen = posted and "kind" in request.POST
    form = ExportForm(request.POST if chosen else None)
    held = counts(people)
    if chosen and form.is_valid():
        kind, with_refused = form.chosen()
        if held is not None:
            return _at_once(request, people, kind, with_refused=with_refused)
        begin_export(
            store=request.store,
            people=people,
            name=asked.list,
            query=asked.query,
            kind=kind,
            with_refused=with_refused,
            by=request.user,
        )
        return redirect("segments:export_list", request.store.slug)
    context = {"asked": asked, "people": people, "counts": held, "small": SMALL, "form": form}
    context["kinds"] = list(KINDS.values())
    return render_page(
        request,
        "segments/exports/customer_export.html",
        context,
        partial="choice",
        status=422 if form.errors else 200,
    )


def _at_once(request: StoreRequest, people: People, kind: FileKind, *, with_refused: bool) -> FileResponse:
    file = small_export(store=request.store, people=people, kind=kind, with_refused=with_refused)
    return _download(request, file, people.name, kind)


def _download(request: StoreRequest, file: object, name: str, kind: FileKind) -> FileResponse:
    response = FileResponse(
        file,
        as_attachment=True,
        filename=f"{request.store.slug}-{name}{kind.suffix}",
        content_type=CONTENT_TYPES[kind.format],
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@store_page(MANAGERS)
def export_list(request: StoreRequest) -> HttpResponse:
    """The exports of the last days: those being made, those that can be downloaded, those that are over."""
    return render_page(request, "segments/exports/export_list.html", {"exports": exports_of(request.store)})


@require_GET
@store_page(MANAGERS)
def export_progress(request: StoreRequest, export_id: int) -> HttpResponse:
    """How far one export is: asked for again and again by the page that shows it."""
    export = export_of(request.store, _job(request, export_id))
    return render_page(request, "segments/exports/_export.html", {"export": export})


@require_POST
@store_page(MANAGERS)
def export_stop(request: StoreRequest, export_id: int) -> HttpResponse:
    """Stops an export that waits or runs; nothing of its file stays."""
    running.cancel(store=request.store, job_id=_job(request, export_id).pk)
    return redirect("segments:export_list", request.store.slug)


@require_GET
@store_page(MANAGERS)
def export_file(request: StoreRequest, token: str) -> HttpResponseBase:
    """The file of an export, by a link that runs out."""
    try:
        job = files.job_of_token(request.store, token)
    except SignatureExpired:
        return _over(request)
    if job is None:
        raise Http404("No such export.")
    if files.expires_at(job) is None:
        return _over(request)
    try:
        file = files.path_of(job).open("rb")
    except FileNotFoundError:  # swept at this moment
        return _over(request)
    return _download(request, file, job.arguments["name"], KINDS[job.arguments["kind"]])


def _over(request: StoreRequest) -> HttpResponse:
    messages.error(request, OVER)
    return redirect("segments:export_list", request.store.slug)


def _job(request: StoreRequest, export_id: int) -> Job:
    return get_object_or_404(Job, store=request.store, kind=EXPORT, id=export_id)
