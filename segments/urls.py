from django.urls import path

from segments import views
from segments.customers import filter_views
from segments.customers import views as customer_views
from segments.exports import views as export_views
from segments.grading import views as grading_views
from segments.history import views as history_views
from segments.retention import views as retention_views
from segments.schemes import segment_views
from segments.schemes import views as scheme_views
from segments.value import views as value_views

app_name = "segments"
urlpatterns = [
    path("segments/", views.segment_list, name="segment_list"),
    path("segments/moves/", views.moves, name="moves"),
    path("segments/compare/", history_views.compare, name="compare"),
    path("segments/why/", history_views.why, name="why"),
    path("segments/value/", value_views.value, name="value"),
    path("segments/value/calibration/", value_views.calibration, name="calibration"),
    path("segments/value/calibration/people/", value_views.calibrated_people, name="calibrated_people"),
    path("segments/retention/", retention_views.retention, name="retention"),
    path("segments/retention/people/", retention_views.retention_people, name="retention_people"),
    path("segments/retention/rhythm/", retention_views.rhythm, name="rhythm"),
    path("segments/grading/", grading_views.grading, name="grading"),
    path("segments/<slug:key>/", views.segment_page, name="segment_page"),
    path("refresh/", views.refresh_now, name="refresh_now"),
    path("freshness/", views.freshness, name="freshness"),
    path("version/", views.version, name="version"),
    path("customers/", customer_views.customer_list, name="customer_list"),
    path("customers/export/", export_views.customer_export, name="customer_export"),
    path("customers/exports/", export_views.export_list, name="export_list"),
    path("customers/exports/<int:export_id>/progress/", export_views.export_progress, name="export_progress"),
    path("customers/exports/<int:export_id>/stop/", export_views.export_stop, name="export_stop"),
    path("customers/exports/file/<str:token>/", export_views.export_file, name="export_file"),
    path("customers/filters/", filter_views.filter_save, name="filter_save"),
    path("customers/filters/<int:filter_id>/", filter_views.filter_change, name="filter_change"),
    path("customers/filters/<int:filter_id>/delete/", filter_views.filter_delete, name="filter_delete"),
    path("customers/<int:customer_id>/", customer_views.customer_page, name="customer_page"),
    path("settings/scheme/", scheme_views.scheme, name="scheme"),
    path("settings/scheme/segments/", segment_views.segment_add, name="segment_add"),
    path("settings/scheme/segments/<slug:key>/", segment_views.segment_edit, name="segment_edit"),
]
