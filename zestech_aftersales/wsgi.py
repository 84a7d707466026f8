"""The WSGI entry point: `gunicorn zestech_aftersales.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zestech_aftersales.settings")

application = get_wsgi_application()
