#!/usr/bin/env bash
# Resolve pyproject.toml into hashed requirements files for every supported Python and platform.
set -euo pipefail
cd "$(dirname "$0")/.."
resolve() {
    .tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --extra prod "$@" pyproject.toml
}
resolve --output-file requirements.lock
resolve --group dev --output-file requirements-dev.lock
