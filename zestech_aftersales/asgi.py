"""The ASGI entry point; the views are synchronous, so production serves WSGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zestech_aftersales.settings")

application = get_asgi_application()
