"""The vendored files are the pinned ones, unchanged, with their licences."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings

from zestech_aftersales.ui import vendored

ROOT = Path(settings.BASE_DIR)
FIRST_LOAD = 150 * 1024
LOADED = [
    "static/vendor/bootstrap-5.3.8/bootstrap.min.css",
    "static/vendor/inter-5.3.0/inter-latin.woff2",
    "static/css/tokens.css",
    "static/css/theme.css",
    "static/css/parts.css",
    "static/css/print.css",
    "static/js/theme.js",
    "static/icons.svg",
]


def test_every_file_is_the_recorded_one():
    assert vendored.present_sums(ROOT) == vendored.recorded_sums(ROOT)


def test_no_vendored_file_lies_beside_the_list():
    there = {
        str(path.relative_to(ROOT))
        for folder in ("static/vendor", "tests/vendor")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }

    assert there - {"static/vendor/vendor.json", "static/vendor/SHA256SUMS"} == set(vendored.recorded_sums(ROOT))


@pytest.mark.parametrize("package", vendored.vendored_packages(ROOT), ids=lambda package: package.package)
def test_a_package_comes_with_its_licence_in_a_folder_of_its_version(package):
    assert package.into.endswith(f"-{package.version}")
    assert (ROOT / package.into / "LICENSE").stat().st_size > 500


def test_a_style_sheet_points_to_no_source_map():
    assert vendored.kept_bytes("a.css", b"a{}\n/*# sourceMappingURL=a.css.map */") == b"a{}\n"
    assert vendored.kept_bytes("a.js", b"//# sourceMappingURL=a.js.map") == b"//# sourceMappingURL=a.js.map"


def test_the_first_page_is_light():
    size = sum(
        len(content) if name.endswith(".woff2") else len(gzip.compress(content, 6))
        for name in LOADED
        for content in [(ROOT / name).read_bytes()]
    )

    assert size <= FIRST_LOAD
