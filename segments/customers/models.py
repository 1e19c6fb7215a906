"""Filters of the customer list that people keep under a name."""

from __future__ import annotations

from django.db import models
from django.utils.timezone import now

from accounts.models import StoreOwned, User

LONGEST_QUERY = 2000


class SavedFilter(StoreOwned):
    """A filter and sort of the customer list, as the query string of its address without a page."""

    name = models.CharField(max_length=60)
    query = models.CharField(max_length=LONGEST_QUERY)
    shared = models.BooleanField(default=False, help_text="Everybody in the store sees it and may change it.")
    saved_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    saved_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "saved_by", "name"], name="one_saved_filter_a_name")
        ]

    def __str__(self) -> str:
        return self.name
