from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Role, Store, User
from accounts.people import Refused, create_user, give_role


class Command(BaseCommand):
    help = "Makes a person who can sign in, and gives them a role in a store. Whoever has an account gets the role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from standard input, its first line",
        )
        parser.add_argument("--store", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        store = Store.objects.filter(slug=options["store"]).first()
        if store is None:
            raise CommandError(f"There is no store “{options['store']}”. Make it with create_store first.")
        try:
            with transaction.atomic():
                user, made = self._user(options)
                give_role(store=store, user=user, role=Role(options["role"]))
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        known = "" if made else " They had an account already; its password is as it was."
        self.stdout.write(f"{user.email} is {options['role']} of {store.name}.{known}")

    def _user(self, options: dict[str, Any]) -> tuple[User, bool]:
        known = User.objects.filter(email=options["email"].strip().lower()).first()
        if known is not None:
            return known, False
        password = self._password(options["password_stdin"])
        return create_user(email=options["email"], password=password, name=options["name"]), True

    def _password(self, from_stdin: bool) -> str:
        if from_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
            if not _is_text(password):
                raise CommandError("The password isn't text in UTF-8. Choose one that is.")
            return password
        if not sys.stdin.isatty():
            raise CommandError("Give the password on standard input, with --password-stdin.")
        password = getpass.getpass("Password: ")
        if getpass.getpass("Password again: ") != password:
            raise CommandError("The two passwords differ.")
        return password


def _is_text(read: str) -> bool:
    """Whether what was read was UTF-8: bytes that aren't come as halves of surrogate pairs."""
    try:
        read.encode()
    except UnicodeEncodeError:
        return False
    return True
