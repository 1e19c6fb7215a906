"""Pages of a person, outside of any store; the rest of /accounts/ is allauth's."""

from django.urls import URLPattern, path, re_path

from accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("demo/", views.demo_sign_in, name="demo_sign_in"),
    re_path(
        r"^(?P<rest>signup|email|confirm-email|password/set|login/code|social|3rdparty)/", views.not_offered
    ),
]
