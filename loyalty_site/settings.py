"""Settings of the site. Everything that differs between machines comes from the environment.

| variable                     | meaning                                                          | default        |
|------------------------------|------------------------------------------------------------------|----------------|
| DATABASE_URL                 | PostgreSQL 18+ to use; without it the embedded server is used    | embedded       |
| DATABASE_OWNER_URL           | the same database as a role that may change the schema           | DATABASE_URL   |
| REGULARS_DATA                | folder for the embedded database, uploads, exports, secret key   | var/           |
| REGULARS_SECRET_KEY          | Django's secret key                                              | kept in DATA   |
| REGULARS_DEMO                | demo store and demo sign-in buttons                              | false          |
| REGULARS_DEBUG               | Django's debug mode and /styleguide/                             | false          |
| REGULARS_HTTPS               | served over https: secure cookies, HSTS, redirect                | true           |
| REGULARS_HOSTS               | host names the site answers to, comma-separated                  | localhost      |
| REGULARS_MAIL_URL            | where mail goes: smtp://user:password@host:port (TLS on 587),    | console:       |
|                              | smtps://.. (TLS from the first byte, 465), or console:           |                |
| REGULARS_MAIL_FROM           | the address it comes from                                        | regulars@..    |
| REGULARS_IMPORT_LARGEST_FILE | bytes of the largest file that is imported                       | 1,000,000,000  |
"""

import contextlib
import os
import secrets
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from loyalty_site import embedded_postgres
from loyalty_site.paths import BASE_DIR, DATA_DIR

env = Env()

DEMO = env.bool("REGULARS_DEMO", False)
DEBUG = env.bool("REGULARS_DEBUG", False)
HTTPS = env.bool("REGULARS_HTTPS", True)


def _secret_key() -> str:
    """The key from the environment, else one made once and kept readable by its owner alone."""
    if given := env.str("REGULARS_SECRET_KEY", ""):
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)  # the first of several processes wins
        made.unlink()
    return path.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("REGULARS_HOSTS", ["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "loyalty_site.apps.LoyaltySiteConfig",
    "segments",
    "orders",
    "jobs",
    "accounts",
    "lib",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials",
    "django_q",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "loyalty_site.urls"
WSGI_APPLICATION = "loyalty_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.shell",
            ],
            "builtins": ["lib.templatetags.regulars"],
        },
    }
]


# Database. The role "app" reads and writes rows; "owner" changes the schema (manage.py picks it for migrate).
def _database() -> dict[str, object]:
    role = env.str("REGULARS_DATABASE_ROLE", "app")
    url = env.str("DATABASE_URL", "")
    if role == "owner":
        url = env.str("DATABASE_OWNER_URL", "") or url
    try:
        given = conninfo_to_dict(url) if url else embedded_postgres.connection_parameters(DATA_DIR, role=role)
    except ProgrammingError:
        # `from None`: the error quotes the address, including the password.
        raise ImproperlyConfigured(
            "DATABASE_URL (or DATABASE_OWNER_URL) can't be read. Write it as postgresql://user:password@host:5432/name."
        ) from None
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{names[key]: str(value) for key, value in given.items() if key in names},
        "OPTIONS": {key: value for key, value in given.items() if key not in names},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapter.InvitationOnlyAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.SignInForm",
    "reset_password": "accounts.sign_in.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.sign_in.PasswordOfLinkForm",
    "change_password": "accounts.sign_in.NewPasswordForm",
    "reauthenticate": "accounts.sign_in.PasswordAgainForm",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no mail from us
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "accounts.adapter.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from admins and invitations, not from signing up
MFA_TOTP_ISSUER = "Regulars"
MFA_TOTP_TOLERANCE = 1  # a code that runs out while it is typed still counts (RFC 6238, 5.2)
MFA_FORMS = {
    "activate_totp": "accounts.sign_in.FirstCodeForm",
    "authenticate": "accounts.sign_in.CodeForm",
    "reauthenticate": "accounts.sign_in.CodeAgainForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0  # rate limits go by the address that the proxy saw
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "lib.staticfiles.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "loyalty_site.static_files.StaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "files"  # uploads and exports: private, only ever served through the gate
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# Language and time: a store has its own zone and currency; these are the fallbacks.
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Background work
Q_CLUSTER = {
    "name": "regulars",
    "orm": "default",
    "workers": 2,
    "queue_limit": 4,
    "timeout": 6 * 3600,
    "retry": 26 * 3600,  # > timeout * ((queue_limit + 2) / workers + 1): a prefetched task is not run twice
    "max_attempts": 1,  # jobs.Job counts attempts itself
    "poll": 0.5,
    "save_limit": 100,
    "catch_up": False,
    "label": "Background tasks",
    "log_level": "WARNING",
}

# Mail. Whoever waits for a page waits for the mail server too, so it isn't given long.
DEFAULT_FROM_EMAIL = env.str("REGULARS_MAIL_FROM", "regulars@localhost")
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if (_mail := env.str("REGULARS_MAIL_URL", "console:")) != "console:":
    _parts = urlsplit(_mail)
    try:
        EMAIL_PORT = _parts.port or {"smtp": 587, "smtps": 465}[_parts.scheme]
    except (KeyError, ValueError):
        raise ImproperlyConfigured(
            "REGULARS_MAIL_URL can't be read. Write it as smtp://user:password@host:587."
        ) from None
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _parts.hostname or "localhost"
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_parts.username or ""), unquote(_parts.password or "")
    EMAIL_USE_SSL = _parts.scheme == "smtps"
    EMAIL_USE_TLS = EMAIL_PORT == 587 and not EMAIL_USE_SSL

# Errors go to standard error, for whatever keeps the machine's logs; Django's default would be silent outside debug
# mode. Pages that weren't found are no errors, nor are host names that scanners make up.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

# Imports: larger files are refused with a message. Bytes.
IMPORT_LARGEST_FILE = env.int("REGULARS_IMPORT_LARGEST_FILE", 1_000_000_000)
IMPORT_LARGEST_WORKBOOK = 100_000_000
IMPORT_WORKBOOK_MEMORY = 2_000_000_000  # of the process that opens a workbook
