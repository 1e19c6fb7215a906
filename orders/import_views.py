"""The pages of imports: what can be imported and what was, how a file is read, how far it is, and the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import BoundField
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from accounts.access import MANAGERS, StoreRequest, store_page
from jobs.models import Job
from lib.keyset import PARAMETER, page_of
from lib.pages import render_page
from lib.wording import size_text
from orders import starting
from orders.fields import FIELDS, LINE_FIELDS
from orders.formats import format_kind, format_label
from orders.import_forms import (
    SEPARATOR_NAMES,
    ReadingForm,
    answers,
    choices_from,
    column_rows,
    doubled_fields,
    has_counted_ids,
)
from orders.import_queries import (
    NEWEST_FIRST,
    Stage,
    failure_of,
    follow_up,
    rejected_reasons,
    stage_of,
    stored_imports,
)
from orders.inspecting import inspect
from orders.models import Import
from orders.previewing import Look, look_at
from orders.status_words import MEANINGS
from orders.uploading import LimitedUpload, keep_upload

PAGE_SIZE = 25
NO_FILE = "Choose a file first."
SECOND = "Two columns are read as “{}”. Choose one of them."
# The fields that a column can be read as, in the two groups in which the page offers them.
_FIELD_GROUPS = (
    ("Order", [known for known in FIELDS.values() if known.key not in LINE_FIELDS]),
    ("Line of an order", [known for known in FIELDS.values() if known.key in LINE_FIELDS]),
)


@require_GET
@store_page(MANAGERS)
def import_list(request: StoreRequest) -> HttpResponse:
    """What can be imported, where to drop it, and earlier imports; only the table for htmx."""
    return render_page(request, "orders/import_list.html", _list(request), partial="table")


def _list(request: StoreRequest, error: str = "") -> dict[str, Any]:
    page = page_of(
        stored_imports(request.store), NEWEST_FIRST, request.GET.get(PARAMETER, ""), size=PAGE_SIZE
    )
    stages = [(import_, stage_of(import_)) for import_ in page.rows]
    return {
        "imports": stages,
        "any_under_way": any(stage == Stage.UNDER_WAY for _import, stage in stages),
        **page.links(request.GET),
        "error": error,
        "limit": settings.IMPORT_LARGEST_FILE,
        "limit_text": size_text(settings.IMPORT_LARGEST_FILE),
        "too_large": _too_large(),
    }


def _too_large() -> str:
    return (
        f"The file is too large: {size_text(settings.IMPORT_LARGEST_FILE)} is the most. Cut it in parts (by "
        "year, say) and import one after another; it doesn't matter if they overlap."
    )


@csrf_exempt  # checked in _upload, because reading the token reads the file: the gate and our handler come first
@require_POST
@store_page(MANAGERS)
def import_upload(request: StoreRequest) -> HttpResponse:
    """Takes a file in and looks at it; one that can't be read isn't kept, and the page says why."""
    handler = LimitedUpload(request, settings.IMPORT_LARGEST_FILE)
    request.upload_handlers = [handler]
    return _upload(request, handler)


@csrf_protect
def _upload(request: StoreRequest, handler: LimitedUpload) -> HttpResponse:
    file = request.FILES.get("file")
    if handler.too_large or file is None or isinstance(file, list):
        return _not_taken(request, _too_large() if handler.too_large else NO_FILE)
    import_ = keep_upload(store=request.store, file=file, by=request.user)
    found = inspect(Path(import_.file.path), import_.filename, request.store)
    if found.problem:
        starting.remove_import(store=request.store, import_id=import_.pk)
        return _not_taken(request, f"{import_.filename}: {found.problem}")
    named = found.format != "mapped"
    choices = starting.carried(found.mapping, named=named)
    starting.choose(store=request.store, import_id=import_.pk, choices=choices)
    url = reverse("orders:import_page", args=[request.store.slug, import_.pk])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _not_taken(request: StoreRequest, error: str) -> HttpResponse:
    return render_page(request, "orders/import_list.html", _list(request, error), partial="drop", status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@store_page(MANAGERS)
def import_page(request: StoreRequest, import_id: int) -> HttpResponse:
    """One import, at any stage. POST reads the file again by what was chosen, and shows what it would become."""
    import_ = _import(request, import_id)
    stage = stage_of(import_)
    if stage != Stage.READING:
        return render_page(request, "orders/import_page.html", _told(import_, stage))
    choices, doubled = import_.mapping, []
    if request.method == "POST":
        choices = _chosen(request, import_)
        doubled = doubled_fields(choices)
        if not doubled:
            starting.choose(store=request.store, import_id=import_.pk, choices=choices)
    return _reading(request, import_, choices, doubled)


def _chosen(request: StoreRequest, import_: Import) -> dict[str, Any]:
    named = import_.mapping.get("format", "mapped") != "mapped"
    return choices_from(request.POST, starting.carried(import_.mapping, named=named))


def _reading(
    request: StoreRequest,
    import_: Import,
    choices: dict[str, Any],
    doubled: list[str],
    *,
    look: Look | None = None,
    status: int = 200,
) -> HttpResponse:
    look = look or look_at(import_, choices)
    found = look.inspection
    form = ReadingForm(request.POST or None, look=look, initial=_initial(choices, found.mapping))
    missing = [question for question in found.questions if question.key.startswith("columns.")]
    context = {
        "import": import_,
        "stage": Stage.READING,
        "look": look,
        "found": found,
        "preview": look.preview,
        "form": form,
        "settings": _settings(form, look, asked=[question.key for question in found.questions]),
        "separator_name": SEPARATOR_NAMES.get(found.separator, found.separator),
        "asked": [
            (question, form[question.key], answers(question.key, question.choices, question.example))
            for question in found.questions
            if question not in missing
        ],
        "missing": missing,
        "doubled": [SECOND.format(label) for label in doubled],
        "is_ready": found.is_ready and not doubled and look.preview is not None,
        "columns": column_rows(look) if found.proposals else [],
        "meanings": MEANINGS,
        "options": _FIELD_GROUPS,
    }
    return render_page(request, "orders/import_page.html", context, partial="reading", status=status)


def _settings(form: ReadingForm, look: Look, *, asked: list[str]) -> list[BoundField]:
    """The controls of how the file is read that this file needs."""
    names = ["encoding", "separator"] if look.inspection.separator or look.inspection.problem else []
    names += [key for key in ("date_order", "decimal_mark") if key not in asked]
    if look.inspection.proposals:
        names += ["credit_note_prefix", "counted_ids"]
    return [form[name] for name in names]


def _initial(choices: dict[str, Any], mapping: dict[str, Any]) -> dict[str, Any]:
    return {
        **{key: choices.get(key, "") for key in ("date_order", "decimal_mark", "encoding", "separator")},
        "format": "mapped" if choices.get("format") == "mapped" else "",
        "credit_note_prefix": mapping.get("credit_note_prefix", ""),
        "counted_ids": has_counted_ids(mapping),
    }


def _told(import_: Import, stage: Stage) -> dict[str, Any]:
    """What the page says of an import that is under way or over."""
    job = follow_up(import_, starting.job_key(import_)) if stage == Stage.DONE else None
    context: dict[str, Any] = {
        "import": import_,
        "stage": stage,
        "watched": _watched(stage, job),
        "format_label": format_label(import_.format) if import_.format else "",
        "noun": "customer" if format_kind(import_.format) == "customers" else "order",
        "refresh": job,
        "brought_nothing": stage == Stage.DONE
        and not (import_.created or import_.updated or import_.unchanged),
        "failure": failure_of(import_) if stage == Stage.FAILED else "",
    }
    if stage == Stage.DONE and import_.rejected_file:
        context["rejected"] = rejected_reasons(import_)
    return context


def _watched(stage: Stage, refresh: Job | None) -> str:
    """What the page waits for: the import, the refresh after it, or nothing."""
    if stage == Stage.UNDER_WAY:
        return "import"
    return "refresh" if refresh is not None and not refresh.is_finished else ""


@require_GET
@store_page(MANAGERS)
def import_progress(request: StoreRequest, import_id: int) -> HttpResponse:
    """How far the import, or the refresh after it, is; has the page loaded again when something else has come."""
    import_ = _import(request, import_id)
    context = _told(import_, stage_of(import_))
    if context["watched"] != request.GET.get("watched", "") or not context["watched"]:
        return HttpResponseClientRefresh()
    return render_page(request, "orders/_import_progress.html", context)


@require_POST
@store_page(MANAGERS)
def import_start(request: StoreRequest, import_id: int) -> HttpResponse:
    """Starts the import, read as chosen; where something is still open, the page says what."""
    import_ = _import(request, import_id)
    if stage_of(import_) == Stage.READING:
        choices = _chosen(request, import_)
        doubled = doubled_fields(choices)
        look = look_at(import_, choices)
        if doubled or not look.inspection.is_ready:
            return _reading(request, import_, choices, doubled, look=look, status=422)
        try:
            starting.start_import(
                store=request.store,
                import_id=import_.pk,
                format_name=look.inspection.format,
                mapping=look.inspection.mapping,
                by=request.user,
            )
        except starting.NotNowError as refusal:
            messages.info(request, str(refusal))
    return redirect("orders:import_page", request.store.slug, import_.pk)


@require_POST
@store_page(MANAGERS)
def import_again(request: StoreRequest, import_id: int) -> HttpResponse:
    """Back to the choice of how the file is read, from an import that is over."""
    _import(request, import_id)
    try:
        starting.read_again(store=request.store, import_id=import_id)
    except starting.NotNowError as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:import_page", request.store.slug, import_id)


@require_POST
@store_page(MANAGERS)
def import_stop(request: StoreRequest, import_id: int) -> HttpResponse:
    """Stops the import at its next safe point."""
    _import(request, import_id)
    starting.stop_import(store=request.store, import_id=import_id)
    return redirect("orders:import_page", request.store.slug, import_id)


@require_POST
@store_page(MANAGERS)
def import_remove(request: StoreRequest, import_id: int) -> HttpResponse:
    """Removes the file. Orders that were imported from it stay."""
    import_ = _import(request, import_id)
    try:
        starting.remove_import(store=request.store, import_id=import_id)
    except starting.NotNowError as refusal:
        messages.error(request, str(refusal))
        return redirect("orders:import_page", request.store.slug, import_id)
    messages.success(request, f"{import_.filename} is removed. Orders that were imported stay.")
    return redirect("orders:import_list", request.store.slug)


@require_GET
@store_page(MANAGERS)
def import_rejected(request: StoreRequest, import_id: int) -> FileResponse:
    """The rejected rows to download: row number, reason, and what the row said."""
    import_ = _import(request, import_id)
    if not import_.rejected_file:
        raise Http404("No row was rejected.")
    name = f"{import_.filename.rsplit('.', 1)[0]} rejected rows.csv"
    return FileResponse(
        import_.rejected_file.open("rb"), as_attachment=True, filename=name, content_type="text/csv"
    )


def _import(request: StoreRequest, import_id: int) -> Import:
    found = stored_imports(request.store).select_related("store").filter(pk=import_id).first()
    if found is None:
        raise Http404("No such import.")
    return found
