"""Order files that cannot be read as a whole: nothing is imported, and the reason is told."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases.importing.lines import LONGEST_LINE, Lines
from cases.importing.order_csv import read
from cases.importing.tables import MOST_ROWS
from cases.models import Order
from tests.cases.order_lines import ORDER, csv_file, imported, rejections
from tests.factories.cases import a_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

HEADER = ",".join(ORDER)
ROW = ",".join(ORDER.values())


def refused(path: Path, content: bytes | str) -> str:
    a_product(sku="ZT-9000")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CommandError, match=r"^Nothing was imported\.") as stop:
        call_command("import_orders", str(path))
    assert stop.value.returncode == 1
    assert not Order.objects.exists()
    return str(stop.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "file is empty"),
        (HEADER.replace("paid_at,", "").replace("placed_at,", "") + "\n", "missing: placed_at"),
        (HEADER.replace(",", ";") + "\n" + ROW, "Separate the columns by commas"),
        (HEADER + ",paidat\n", "not known: paidat"),
        (HEADER + ",sku\n", "stand twice: sku"),
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), "Save it as UTF-8"),
        (f"{HEADER}\n{ROW}\n{ROW.replace('ZT-1', 'ZT-2').replace('Buyer', 'Käufer')}\n".encode("latin-1"), "Line 3"),
        (f'{HEADER}\n{ROW}\n"ZT-2,{ROW}', "quotation mark"),
        (f"{HEADER}\n{ROW}\n" + "x" * (LONGEST_LINE + 1), "Line 3 is longer"),
    ],
)
def test_a_file_that_cannot_be_read_to_its_end(tmp_path, content, reason):
    assert reason in refused(tmp_path / "orders.csv", content)


def test_no_such_file(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_orders", str(tmp_path / "none.csv"))


def test_a_spreadsheets_utf_8_with_its_mark(tmp_path):
    a_product(sku="ZT-9000")
    path = csv_file(tmp_path / "orders.csv", ORDER, encoding="utf-8-sig")
    assert "1 created" in imported(path)


def test_a_row_with_other_cells_than_the_header(tmp_path):
    a_product(sku="ZT-9000")
    path = tmp_path / "orders.csv"
    path.write_text(f"{HEADER}\n{ROW},more\n\n{ROW.replace('ZT-1', 'ZT-2')}\n")
    assert "1 created" in imported(path)
    (rejection,) = rejections(path)
    assert rejection["line"] == "2"
    assert "13 cells, the header 12" in rejection["reason"]


def test_memory_stays_bounded(tmp_path):
    """One order of very many rows, and very many orders: neither is held in memory."""
    path = tmp_path / "orders.csv"
    with path.open("w") as file:
        file.write(HEADER + "\n")
        file.writelines(f"{ROW}\n" for _ in range(20 * MOST_ROWS))
        file.writelines(f"{ROW.replace('ZT-1', f'ZT-1{n}')}\n" for n in range(20 * MOST_ROWS))
    tracemalloc.start()
    with Lines(path) as lines:
        told = sum(1 for _ in read(lines))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told == 1 + 20 * MOST_ROWS
    assert peak < path.stat().st_size / 2
