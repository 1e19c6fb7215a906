"""The tasks of a store; under /s/<store>/settings/tasks/."""

from django.urls import URLPattern, path

from jobs import views

app_name = "jobs"
urlpatterns: list[URLPattern] = [
    path("", views.task_list, name="task_list"),
    path("<int:job_id>/progress/", views.task_progress, name="task_progress"),
    path("<int:job_id>/retry/", views.task_retry, name="task_retry"),
    path("<int:job_id>/cancel/", views.task_cancel, name="task_cancel"),
]
