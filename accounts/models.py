"""Users, stores and who has which role in which store."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now


def validate_timezone(name: str) -> None:
    """Raises ValidationError unless `name` is an IANA time zone, such as Europe/London."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as Europe/London.")


# Codes of ISO 4217 that no shop is paid in: metals, funds, and those set aside for tests and for "none".
_NO_MONEY = {
    "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX",
}  # fmt: skip


def validate_currency(code: str) -> None:
    """Raises ValidationError unless `code` is a currency's three-letter code (ISO 4217), such as GBP."""
    if code not in list_currencies() or code in _NO_MONEY:
        raise ValidationError(f"“{code}” is not a currency code. Use one of three letters, such as GBP.")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Saves a user. The e-mail is kept in lower case; without a password nobody can sign in as them."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in by e-mail. What they may do is decided by their roles alone."""

    email = models.EmailField(
        "e-mail address",
        max_length=254,
        unique=True,
        help_text="Lower case.",
        error_messages={"unique": "Somebody has an account with this e-mail address already."},
    )
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()


class Store(models.Model):
    """The tenant: customers, orders, segments and everything else belong to one store."""

    slug = models.SlugField(
        "short name",
        max_length=50,
        unique=True,
        help_text="In addresses: /s/short-name/. It doesn't change.",
        error_messages={"unique": "There is a store with this short name already. Choose another one."},
    )
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, validators=[validate_currency], help_text="ISO 4217: GBP.")
    timezone = models.CharField(max_length=64, validators=[validate_timezone])
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    MANAGER = "manager", "Manager"
    SUPPORT = "support", "Support"
    ADMIN = "admin", "Admin"


class StoreOwned(models.Model):
    """Base of every row that belongs to a store.

    No index on `store` alone: each table has one that begins with it.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        abstract = True


class StoreRole(StoreOwned):
    """One person's role in one store."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "user"], name="one_role_a_store"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class Invitation(StoreOwned):
    """An invitation to a store. Only a digest of the link's secret is kept."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role)
    secret_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "store", Lower("email"), condition=models.Q(accepted_at=None), name="one_open_invitation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= now()
