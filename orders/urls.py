"""Addresses of the order pages, under /s/<store>/."""

from django.urls import path

from orders import import_views, views

app_name = "orders"
urlpatterns = [
    path("orders/", views.order_list, name="order_list"),
    path("orders/delivery/", views.delivery, name="delivery"),
    path("orders/payments/", views.payments, name="payments"),
    path("orders/guests/", views.guests, name="guests"),
    path("orders/<int:order_id>/", views.order_page, name="order_page"),
    path("imports/", import_views.import_list, name="import_list"),
    path("imports/upload/", import_views.import_upload, name="import_upload"),
    path("imports/<int:import_id>/", import_views.import_page, name="import_page"),
    path("imports/<int:import_id>/start/", import_views.import_start, name="import_start"),
    path("imports/<int:import_id>/progress/", import_views.import_progress, name="import_progress"),
    path("imports/<int:import_id>/stop/", import_views.import_stop, name="import_stop"),
    path("imports/<int:import_id>/again/", import_views.import_again, name="import_again"),
    path("imports/<int:import_id>/remove/", import_views.import_remove, name="import_remove"),
    path("imports/<int:import_id>/rejected.csv", import_views.import_rejected, name="import_rejected"),
]
