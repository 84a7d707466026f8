"""ZESTECH After-sales: the project package."""

from zestech_aftersales.celery import app as celery_app

__all__ = ["celery_app"]
