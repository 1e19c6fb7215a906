"""The settings of a store; under /s/<store>/settings/."""

from django.urls import URLPattern, path

from accounts import views

app_name = "settings"
urlpatterns: list[URLPattern] = [
    path("", views.store, name="store"),
    path("team/", views.team, name="team"),
    path("team/invite/", views.invite, name="invite"),
    path("team/<int:role_id>/role/", views.change_role, name="change_role"),
    path("team/<int:role_id>/remove/", views.remove_role, name="remove_role"),
    path("team/invitations/<int:invitation_id>/revoke/", views.revoke_invitation, name="revoke_invitation"),
]
