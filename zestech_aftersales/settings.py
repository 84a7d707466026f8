"""All settings, read from the environment; a bad value stops the start with its name.

Without any variable set the program runs on one machine: SQLite, an embedded broker and mails as files, everything it
writes below var/. BASE_URL decides the rest: an https address makes it a public site with secure cookies, HSTS and
no room for DEBUG.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from zestech_aftersales import logs
from zestech_aftersales.api.choice_names import CHOICE_NAMES
from zestech_aftersales.environment import (
    env,
    kept_secret,
    number_from_env,
    short_socket_path,
    switch_from_env,
    url_from_env,
)

BASE_DIR = Path(__file__).resolve().parent.parent
django_stubs_ext.monkeypatch()

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).absolute()
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

# --- Where it runs -------------------------------------------------------------------------------------------------

DEBUG = switch_from_env("DEBUG")
BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{number_from_env('PORT', default=8000, lowest=1)}").rstrip(
    "/"
)
_address = urlsplit(BASE_URL)
if _address.scheme not in {"http", "https"} or not _address.hostname:
    raise ImproperlyConfigured(f"BASE_URL must be an http or https address, not {BASE_URL!r}")
IS_PUBLIC = _address.scheme == "https"
if IS_PUBLIC and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off where BASE_URL is an https address")
if IS_PUBLIC and not env.str("SECRET_KEY", default=""):
    raise ImproperlyConfigured("SECRET_KEY must be set where BASE_URL is an https address")
if IS_PUBLIC and not env.str("DATABASE_URL", default=""):
    raise ImproperlyConfigured("DATABASE_URL must be set where BASE_URL is an https address")

SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(VAR_DIR / "secret-key")
# The machine's own address is for its health probe.
ALLOWED_HOSTS = [_address.hostname, "127.0.0.1", "localhost", *env.list("ALLOWED_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
INTERNAL_IPS = ["127.0.0.1"]

# --- Platform settings: operations, not law (the numbers of the rules are in rule editions) --------------------------

SETTLE_SECONDS = number_from_env("SETTLE_SECONDS", default=30, lowest=0)
SLOT_HOLD_MINUTES = number_from_env("SLOT_HOLD_MINUTES", default=30, lowest=1)
# How long after the agreed time somebody must have waited before a no-show can be reported.
NO_SHOW_GRACE_MINUTES = number_from_env("NO_SHOW_GRACE_MINUTES", default=30, lowest=0)
# How long before the agreed begin an engineer can check in at the earliest.
CHECK_IN_HOURS_BEFORE = number_from_env("CHECK_IN_HOURS_BEFORE", default=12, lowest=0)
REMINDER_PERCENTS = [
    int(part) if part.isdecimal() else 0 for part in env.str("REMINDER_PERCENTS", default="50,75,90").split(",")
]
if any(not 0 < percent < 100 for percent in REMINDER_PERCENTS) or sorted(set(REMINDER_PERCENTS)) != REMINDER_PERCENTS:
    raise ImproperlyConfigured("REMINDER_PERCENTS must be rising whole numbers between 1 and 99")
# For so long after its begin the engineer of a visit is reminded that nobody has checked in.
REMINDER_VISIT_HOURS = number_from_env("REMINDER_VISIT_HOURS", default=12, lowest=1)
# /readyz answers 503 when a loop is further behind than this.
READY_SECONDS = number_from_env("READY_SECONDS", default=60, lowest=1)
RETENTION_YEARS = number_from_env("RETENTION_YEARS", default=3, lowest=3)
# How long an administrator may at most read what the role does not show, before another access has to be opened.
READING_ACCESS_HOURS = number_from_env("READING_ACCESS_HOURS", default=4, lowest=1)
# The audits of a month: so many sellers by chance alone, so many by risk, and so many cases looked at for each.
AUDITS_BY_CHANCE = number_from_env("AUDITS_BY_CHANCE", default=5, lowest=0)
AUDITS_BY_RISK = number_from_env("AUDITS_BY_RISK", default=5, lowest=0)
AUDIT_CASES = number_from_env("AUDIT_CASES", default=5, lowest=1)
PUBLICATION_LEAD_DAYS = number_from_env("PUBLICATION_LEAD_DAYS", default=7, lowest=7)

# --- Applications -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "zestech_aftersales",
    "zestech_aftersales.rulebook",
    "zestech_aftersales.accounts",
    "zestech_aftersales.timeline",
    "zestech_aftersales.desk",
    "sellers",
    "cases",
    "complaints",
    "zestech_aftersales.ui",
    "zestech_aftersales.pages",
    "zestech_aftersales.portal",
    "zestech_aftersales.dashboard",
    "zestech_aftersales.api",
    "whitenoise.runserver_nostatic",
    "zestech_aftersales.desk.admin_config.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # the form renderer finds the widgets' templates by it
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "oauth2_provider",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_htmx",
    "django_fsm",
    "simple_history",
    "django_structlog",
]

MIDDLEWARE = [
    # The instant that decides whether a request was on time is read before anything else happens to it.
    "zestech_aftersales.accounts.middleware.ReceivedAtMiddleware",
    "zestech_aftersales.portal.cookieless.CookielessMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zestech_aftersales.accounts.middleware.ViewerZoneMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zestech_aftersales.urls"
WSGI_APPLICATION = "zestech_aftersales.wsgi.application"

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
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "zestech_aftersales.portal.chrome.chrome",
            ],
        },
    },
]

FORM_RENDERER = "zestech_aftersales.ui.forms.PageRenderer"

# --- Database and broker ----------------------------------------------------------------------------------------------

DATABASES = {"default": url_from_env("DATABASE_URL", env.db, default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite://")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A write transaction takes its lock at once: with the default (DEFERRED) two that both read first and write
    # then cannot wait for each other, and one fails.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # recursive_triggers: else INSERT OR REPLACE slips past the triggers that guard the timeline.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA recursive_triggers=ON",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

EMBEDDED_BROKER_SOCKET = short_socket_path(VAR_DIR / "valkey.sock")
HAS_EMBEDDED_BROKER = not env.str("REDIS_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="") or f"unix://{EMBEDDED_BROKER_SOCKET}"
if urlsplit(REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
    raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://")
# redis-py says unix://PATH where kombu says redis+socket://PATH.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)

# --- People who log in ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "zestech_aftersales.accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "zestech_aftersales.accounts.forms.SignUpForm"
# Whether an address has an account here is nobody else's business; sign-up and reset answer alike.
ACCOUNT_PREVENT_ENUMERATION = True
# Failed log-ins are counted by axes alone, in the database and so by all web processes together.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _address.scheme
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "ZESTECH After-sales"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PUBLIC

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_VERBOSE = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "zestech_aftersales.accounts.lockout.address_tried"
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
# One guesser locks out neither everybody behind an address nor an account for its owner elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]

# --- Machines that log in, and the API --------------------------------------------------------------------------------

# Named because sellers.ApiClient points at it: a foreign key to a swappable model asks the settings.
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "APPLICATION_ADMIN_CLASS": "zestech_aftersales.api.applications.SystemAdmin",
    "SCOPES": {
        "orders:read": _("Read orders"),
        "orders:write": _("Send orders"),
        "cases:read": _("Read covers, cases, appointments and their limits"),
        "cases:write": _("Request service and act on appointments"),
        "judgement:read": _("Read what is judged: violations, audits, losses, restrictions"),
        "judgement:write": _("Answer in hearings, appeal, answer losses"),
        "seller:read": _("Read products, service points and engineers"),
        "seller:write": _("Keep service points and engineers, set and end marks"),
    },
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # Only client credentials are used; what is not used stays shut.
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "OAUTH2_VALIDATOR_CLASS": "sellers.tokens.BoundTokens",
    # What RFC 9700 asks for, without the old ways: tokens in headers only and kept as checksums.
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
        )
    },
}
# Of one client, in each web process unless CACHES names a shared one; 0 switches it off.
API_REQUESTS_PER_MINUTE = number_from_env("API_REQUESTS_PER_MINUTE", default=1200, lowest=0)
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["zestech_aftersales.api.clients.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["zestech_aftersales.api.clients.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["zestech_aftersales.api.throttles.ClientThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["zestech_aftersales.api.parsing.BoundedJSON"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "zestech_aftersales.api.problems.answer",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "ZESTECH After-sales",
    "DESCRIPTION": _(
        "Orders, covers, service cases and the limits that run on them. Log in with OAuth2 client credentials; "
        "instants are UTC with microseconds; refusals are application/problem+json and cite the clause."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "OAUTH2_FLOWS": ["clientCredentials"],
    "OAUTH2_TOKEN_URL": "/api/oauth/token/",
    "ENUM_NAME_OVERRIDES": CHOICE_NAMES,
}

# --- Mail and files ---------------------------------------------------------------------------------------------------

EMAIL_CONFIG = url_from_env("EMAIL_URL", env.email_url, default=f"filemail:///{VAR_DIR / 'mail'}")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"ZESTECH After-sales <service@{_address.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Photos and files of a case are evidence: no address serves them, a view does after asking who reads.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not IS_PUBLIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PUBLIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- Language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "zestech_aftersales.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Headers and cookies ----------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_SSL_REDIRECT = IS_PUBLIC
# The proxy in front ends TLS and says so in this header; it must drop the header from what it receives.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_PUBLIC else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_PUBLIC else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PUBLIC
SECURE_HSTS_PRELOAD = IS_PUBLIC
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_PUBLIC
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"

# --- Logs and errors --------------------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    raise ImproperlyConfigured(f"LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not {LOG_LEVEL!r}")
LOGGING = logs.lines(LOG_LEVEL)

SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(SENTRY_DSN, send_default_pii=False)
