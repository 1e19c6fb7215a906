"""Addresses of the order pages, under /s/<store>/."""

from django.urls import path

from orders import views

app_name = "orders"
urlpatterns = [
    path("orders/", views.order_list, name="order_list"),
    path("orders/delivery/", views.delivery, name="delivery"),
    path("orders/payments/", views.payments, name="payments"),
    path("orders/guests/", views.guests, name="guests"),
    path("orders/<int:order_id>/", views.order_page, name="order_page"),
]
