# The two commands of a fresh machine are `make run` and `make test`; everything is installed below .tools and .venv.
SHELL := /bin/bash
export UV_PYTHON_DOWNLOADS := never
# On one machine, for oneself: demo log-ins, readable errors. A public site sets BASE_URL and leaves DEBUG off.
PORT ?= 8000
PY := .venv/bin/python

.PHONY: run test check bench mutations tour vendor lock messages clean

run: .venv/.installed        ## the whole program on this machine, http://127.0.0.1:8000 (PORT=8123 make run for another)
	@DEBUG=on PORT=$(PORT) exec $(PY) manage.py up

test: .venv/.installed-dev   ## the suite, with what this machine has; says at the end what was left out
	@$(PY) -m pytest -n $${WORKERS:-auto} --dist loadgroup $(ARGS)

check: .venv/.installed-dev  ## style, types, layers, templates, migrations, production settings
	@.ci/check

bench: .venv/.installed-dev  ## figures against PostgreSQL; JOBS=sweep,lateness for some, SIZE=100000
	@$(PY) -m benchmarks

mutations: .venv/.installed-dev  ## faults put into the law one by one: the suite must notice each
	@$(PY) -m tests.mutations

tour: .venv/.installed       ## a story of several appointments, told in a terminal
	@DEBUG=on $(PY) manage.py tour

vendor: .venv/.installed     ## fetch the pages' static files anew, with their licences
	@$(PY) manage.py vendor

lock: .venv/.installed-dev   ## write the lock files anew from pyproject.toml
	@.ci/lock

messages: .venv/.installed-dev  ## collect and compile the translations
	@.ci/messages

clean:                       ## remove what was installed and cached; var/ (the data) stays
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: requirements.lock .ci/uv.txt
	@.ci/bootstrap $< && touch $@

.venv/.installed-dev: requirements-dev.lock .ci/uv.txt
	@.ci/bootstrap $< && touch $@ .venv/.installed
