"""Pages about people: the store's settings, its team, invitations, the demo's buttons."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import invitations, people
from accounts.access import ADMINS, StoreRequest, store_page
from accounts.forms import InviteForm, JoinForm, RoleForm, StoreForm
from accounts.mail import mail_is_set_up, send_invitation
from accounts.models import Invitation, Role, StoreRole, User
from accounts.people import Refused
from accounts.queries import open_invitations
from accounts.queries import team as team_of
from lib.pages import render_page

SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@store_page(ADMINS)
@require_http_methods(["GET", "HEAD", "POST"])
def store(request: StoreRequest) -> HttpResponse:
    """What the store is called and how its money and days are counted."""
    form = StoreForm(request.POST if request.method == "POST" else None, store=request.store)
    if form.is_valid():
        try:
            changed = people.change_store(store=request.store, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if changed.timezone != request.store.timezone:
                messages.success(request, "Saved. Days are counted anew at the next refresh.")
            else:
                messages.success(request, "Saved.")
            return redirect("settings:store", store=request.store.slug)
    return render_page(request, "settings/store.html", {"form": form})


@store_page(ADMINS)
@require_safe
def team(request: StoreRequest) -> HttpResponse:
    """Who works here and as what; whom we wait for."""
    return _team_page(request, InviteForm())


@store_page(ADMINS)
@require_POST
def invite(request: StoreRequest) -> HttpResponse:
    """Invites somebody; where no mail can be sent, the page shows the link, this once."""
    form = InviteForm(request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        try:
            made = invitations.invite(store=request.store, email=email, role=role, by=request.user)
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            return _invited(request, made)
    return _team_page(request, form)


def _invited(request: StoreRequest, made: invitations.NewInvitation) -> HttpResponse:
    link = request.build_absolute_uri(reverse("accounts:invitation", args=[made.token]))
    if send_invitation(made.invitation, link):
        messages.success(request, f"An invitation is on its way to {made.invitation.email}.")
        return redirect("settings:team", store=request.store.slug)
    return _team_page(request, InviteForm(), new_invitation=made.invitation, link=link)


def _team_page(request: StoreRequest, form: InviteForm, **more: object) -> HttpResponse:
    context = {
        "form": form,
        "team": team_of(request.store),
        "invitations": open_invitations(request.store),
        "roles": Role.choices,
        "mail_is_set_up": mail_is_set_up(),
        **more,
    }
    response = render_page(request, "settings/team.html", context)
    response["Cache-Control"] = "no-store"  # it may show a link that is a secret
    return response


@store_page(ADMINS)
@require_POST
def change_role(request: StoreRequest, role_id: int) -> HttpResponse:
    """Another role for somebody of the team."""
    held = get_object_or_404(StoreRole, store=request.store, id=role_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            people.change_role(store=request.store, role_id=held.id, role=role)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{held.user} is {role.label.lower()} now.")
            if held.user_id == request.user.id and role != Role.ADMIN:
                return redirect("today", store=request.store.slug)
    return redirect("settings:team", store=request.store.slug)


@store_page(ADMINS)
@require_POST
def remove_role(request: StoreRequest, role_id: int) -> HttpResponse:
    """Takes somebody out of the team."""
    held = get_object_or_404(StoreRole, store=request.store, id=role_id)
    try:
        user = people.remove_role(store=request.store, role_id=held.id)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{user} is no longer in the team of {request.store}.")
        if user.id == request.user.id:
            return redirect("home")
    return redirect("settings:team", store=request.store.slug)


@store_page(ADMINS)
@require_POST
def revoke_invitation(request: StoreRequest, invitation_id: int) -> HttpResponse:
    """Withdraws an invitation that nobody has accepted."""
    try:
        invitation = invitations.revoke_invitation(store=request.store, invitation_id=invitation_id)
    except Invitation.DoesNotExist as absent:
        raise Http404 from absent
    messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return redirect("settings:team", store=request.store.slug)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: join with a new account, or with the one you have."""
    found = invitations.open_invitation(token)
    if found is None:
        return render_page(
            request, "accounts/invitation_over.html", {"reason": invitations.NOT_VALID}, status=410
        )
    known = User.objects.filter(email=found.email).exists()
    if request.user.is_authenticated:
        return _accept(request, found, token)
    if known:
        return render_page(request, "accounts/invitation.html", {"invitation": found, "sign_in": True})
    return _join(request, found, token)


def _accept(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    user = cast(User, request.user)
    context = {"invitation": found, "accept": True, "other": user.email != found.email}
    if request.method == "POST":
        try:
            held = invitations.accept_invitation(token=token, user=user)
        except Refused as refusal:
            context["refusal"] = str(refusal)
        else:
            return redirect("today", store=held.store.slug)
    return render_page(request, "accounts/invitation.html", context)


def _join(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            held = invitations.join_by_invitation(token=token, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            login(request, held.user, backend=SIGN_IN_BACKEND)
            return redirect("today", store=held.store.slug)
    return render_page(request, "accounts/invitation.html", {"invitation": found, "form": form})


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the demo people; there is no such page outside of the demo."""
    if not settings.DEMO:
        raise Http404
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    email = people.demo_email(Role(form.cleaned_data["role"]))
    user = get_object_or_404(User, email=email, is_active=True, roles__store__is_demo=True)
    login(request, user, backend=SIGN_IN_BACKEND)
    return redirect("home")


def not_offered(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Replaces those of allauth's pages that this site doesn't offer: signing up, changing addresses."""
    raise Http404
