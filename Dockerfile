# One image for web, worker, beat and migrations; docker-compose.yml says which command each runs.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 VAR_DIR=/srv/var STATIC_ROOT=/srv/static
WORKDIR /srv/app

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

COPY . .
# The static files get their lasting names and compressed twins; the settings of a public site are asked for, and
# nothing of them stays in the image.
RUN useradd --system --home-dir /srv/var aftersales \
    && mkdir -p /srv/var/media /srv/static \
    && BASE_URL=https://build.invalid SECRET_KEY=build DATABASE_URL=sqlite://:memory: \
       python manage.py collectstatic --no-input \
    && chown -R aftersales /srv/var

USER aftersales
EXPOSE 8000
CMD ["gunicorn", "zestech_aftersales.wsgi", "--bind", "0.0.0.0:8000"]
