#!/usr/bin/env python
"""Django's command line; brings the embedded PostgreSQL up for the commands that need a database."""

import gc
import io
import os
import sys

# Everything else is taken to need it, the project's own commands first of all.
NEED_NO_DATABASE = {
    "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages",
    "sendtestemail", "startapp", "startproject", "stop_database", "version",
}  # fmt: skip
# These change the schema, or are for looking at all of it; the others only read and write rows.
AS_OWNER = {"createcachetable", "dbshell", "flush", "migrate", "prepare", "test"}


def needs_database(arguments: list[str]) -> bool:
    """Whether the command line asks for work on the database, rather than for help or for none."""
    if not arguments or {"--help", "-h", "--version"} & set(arguments) or arguments[0].startswith("-"):
        return False
    return arguments[0] not in NEED_NO_DATABASE or "--database" in arguments


def main() -> None:
    gc.disable()  # until the site is loaded (loyalty_site.apps): of modules nothing is garbage
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # letters that a terminal lacks, as stderr has them
    arguments = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty_site.settings")
    if arguments and arguments[0] in AS_OWNER:
        os.environ.setdefault("REGULARS_DATABASE_ROLE", "owner")
    if needs_database(arguments) and not os.environ.get("DATABASE_URL"):
        from loyalty_site import embedded_postgres, postgres_programs
        from loyalty_site.paths import DATA_DIR

        try:
            embedded_postgres.ensure(DATA_DIR)
        except postgres_programs.DatabaseServerError as error:
            sys.exit(str(error))
        if arguments[0] == "dbshell":  # psql comes with the server
            os.environ["PATH"] = f"{postgres_programs.installed_programs()}{os.pathsep}{os.environ['PATH']}"

    run(sys.argv)


def run(command_line: list[str]) -> None:
    """Runs the command; what it can't work without, and being stopped, is said in a sentence, with exit code 1."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError
    from environs import EnvError
    from psycopg.errors import UndefinedTable

    try:
        execute_from_command_line(command_line)
    except KeyboardInterrupt:
        sys.exit("\nStopped. Nothing is half done: run the command again, and it goes on or begins anew.")
    except BrokenPipeError:  # whoever read the output had enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (ImproperlyConfigured, EnvError) as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database can't be reached, or broke off. {error}")
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable):
            raise
        if not os.environ.get("DATABASE_URL") and is_empty():
            set_up()
        sys.exit("The database isn't set up for this release yet: run manage.py prepare first.")


def is_empty() -> bool:
    """Whether nothing has ever been set up in the database."""
    from django.db import connection

    return "django_migrations" not in connection.introspection.table_names()


def set_up() -> None:
    """Makes the tables of an embedded database that is new, and runs the command again from its beginning.

    A command fails at its first query, so it has done nothing yet. Of several at once one makes the tables and the
    others wait for it. Doesn't return where that worked.
    """
    import subprocess
    from pathlib import Path

    from django.db import connection

    here = [sys.executable, str(Path(__file__).resolve())]
    with connection.cursor() as cursor:  # the lock goes with the process
        cursor.execute("select pg_advisory_lock(hashtext('set up'))")
    if is_empty():
        sys.stderr.write("Setting up the database, this once ...\n")
        if subprocess.run([*here, "prepare"], stdout=sys.stderr, check=False).returncode:
            return
    os.execv(sys.executable, [*here, *sys.argv[1:]])  # noqa: S606  # this very command


if __name__ == "__main__":
    main()
