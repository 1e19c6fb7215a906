"""The front door: where a person lands, and the Today page of a store."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.access import EVERYONE, StoreRequest, store_page, stores_of
from accounts.models import Role, User
from lib.pages import render_page
from loyalty_site.styleguide import sample as styleguide_sample
from loyalty_site.today import admin_today, manager_today, support_today
from orders.queries import has_orders


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """To the first store of the person; a sentence where they have none."""
    store = stores_of(cast(User, request.user)).first()
    if store is None:
        return render_page(request, "home/no_store.html")
    return redirect("today", store=store.slug)


@store_page(EVERYONE)
def today(request: StoreRequest) -> HttpResponse:
    """What changed and what to do, for the person's role."""
    store, role = request.store, request.role
    if not has_orders(store):
        admin = admin_today(store) if role == Role.ADMIN else None
        return render_page(request, "home/today_empty.html", {"admin": admin})
    context: dict[str, object] = {
        "manager": manager_today(store) if role != Role.SUPPORT else None,
        "support": support_today(store) if role == Role.SUPPORT else None,
        "admin": admin_today(store) if role == Role.ADMIN else None,
    }
    return render_page(request, "home/today.html", context)


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component of the style sheet, alive; in debug only."""
    return render_page(request, "home/styleguide.html", styleguide_sample())
