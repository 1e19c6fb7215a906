"""Imports that bring customers and orders in, and how a store's files are read."""

from __future__ import annotations

from django.db import models
from django.utils.timezone import now

from accounts.models import StoreOwned, User
from jobs.models import Job


class Import(StoreOwned):
    """One file somebody brought: what it is, how it is read, and what came of it."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Waiting for you"
        QUEUED = "queued", "Waiting to start"
        RUNNING = "running", "Importing"
        DONE = "done", "Imported"
        FAILED = "failed", "Failed"

    file = models.FileField(
        upload_to="imports/%Y/%m",
        max_length=300,
        blank=True,
        help_text="Empty where the command line read it where it lay.",
    )
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField(help_text="Bytes.")
    format = models.CharField(max_length=40, blank=True)
    mapping = models.JSONField(
        default=dict, help_text="How columns become fields, with the answers to questions."
    )
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    rows = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0, help_text="Rows, not orders.")
    seconds = models.FloatField(null=True)
    error = models.TextField(blank=True)
    rejected_file = models.FileField(upload_to="imports/%Y/%m", max_length=300, blank=True)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    imported_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["store", "-created_at"], name="import_newest")]

    def __str__(self) -> str:
        return self.filename


class SavedMapping(StoreOwned):
    """How a store's files with a certain header are read, remembered from the last time."""

    header_digest = models.CharField(max_length=64)
    mapping = models.JSONField()
    saved_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "header_digest"], name="one_mapping_a_header")
        ]

    def __str__(self) -> str:
        return self.header_digest[:12]
