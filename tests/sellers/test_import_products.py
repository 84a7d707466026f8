"""manage.py import_products: rows taken in as a whole, refused rows told, the same file twice."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sellers import queries
from sellers.models import CommitmentState, MarkPeriod, Product, SellerCommitment
from tests.factories.sellers import ProductFactory, SellerFactory
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HEADER = (
    "sku,seller,name,brand,service_types,methods,marked_from,marked_until,page_from,response_hours,cover_months,areas"
)
GOOD = (
    'ZT-1,north,"Head unit, 10 inch",ZESTECH,installation;debugging,door,2021-12-01T00:00:00+08:00,,,24,24,Lagos;Accra'
)


@pytest.fixture
def seller():
    return SellerFactory(slug="north")


@pytest.fixture
def run(tmp_path):
    def run(*rows, header=HEADER, name="products.csv", **options):
        file = tmp_path / name
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        out = StringIO()
        call_command("import_products", str(file), stdout=out, **options)
        return out.getvalue().splitlines()[0]

    return run


@pytest.fixture
def rejected(tmp_path):
    def read(name="products.csv.rejected.csv"):
        with (tmp_path / name).open(encoding="utf-8", newline="") as text:
            return [(int(row["line"]), row["reason"]) for row in csv.DictReader(text)]

    return read


@pytest.mark.usefixtures("seller")
def test_a_product_comes_with_its_mark_and_its_promises(run, tmp_path):
    assert run(GOOD) == "Products: 1 created, 0 changed, 0 unchanged, 0 rejected."
    product = Product.objects.get()
    assert (product.sku, product.name, product.service_types) == (
        "ZT-1",
        "Head unit, 10 inch",
        ["installation", "debugging"],
    )
    assert product.page == {"response_hours": 24, "cover_months": 24, "areas": ["Lagos", "Accra"]}
    since = datetime(2021, 11, 30, 16, tzinfo=UTC)
    assert product.is_marked_at(since)
    # The page has stood since the mark: orders placed long ago have its promises too.
    assert queries.best_terms(product, since) == {"response_hours": 24, "cover_months": 24, "areas": ["Accra", "Lagos"]}
    assert not (tmp_path / "products.csv.rejected.csv").exists()


@pytest.mark.usefixtures("seller")
def test_the_same_file_again_changes_nothing(run):
    run(GOOD)
    events = Event.objects.count()
    assert run(GOOD) == "Products: 0 created, 0 changed, 1 unchanged, 0 rejected."
    assert Event.objects.count() == events
    assert MarkPeriod.objects.count() == SellerCommitment.objects.count() == 1
    assert Product.history.count() == 1


@pytest.mark.usefixtures("seller")
def test_a_dry_run_says_the_same_and_keeps_nothing(run):
    assert run(GOOD, dry_run=True) == "Products: 1 created, 0 changed, 0 unchanged, 0 rejected."
    assert not Product.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("ZT-1,nobody,Name,,,,,,,,,", "no seller"),
        (",north,Name,,,,,,,,,", "sku: is empty"),
        ("ZT-1,north,,,,,,,,,,", "name: is empty"),
        ("ZT-1,north,Name,,juggling,,,,,,,", "service_types: juggling is not known"),
        ("ZT-1,north,Name,,,drone,,,,,,", "methods: drone is not known"),
        ("ZT-1,north,Name,,,,2026-01-01T00:00:00,,,,,", "marked_from: “2026-01-01T00:00:00” is no instant"),
        ("ZT-1,north,Name,,,,soon,,,,,", "marked_from: “soon” is no instant"),
        ("ZT-1,north,Name,,,,,2026-01-01T00:00:00Z,,,,", "marked_until: needs marked_from"),
        ("ZT-1,north,Name,,,,2026-01-02T00:00:00Z,2026-01-01T00:00:00Z,,,,", "mark_reversed"),
        ("ZT-1,north,Name,,,,2027-01-02T00:00:00Z,,,,,", "mark_in_future"),
        ("ZT-1,north,Name,,,,,,,soon,,", "response_hours"),
        ("ZT-1,north,Name,,,,,,,0,,", "response_hours"),
        ("ZT-1,north,Name,,,,,,,24;36,,", "response_hours: one value only"),
        ("ZT-1,north,Name,,,,,,,24", "10 cells where the header names 12"),
        ("ZT-1,north,Na\x07me,,,,,,,,,", "name: a control character"),
        (f"ZT-1,north,{'n' * 201},,,,,,,,,", "name"),
        ("ZT-9,north,Name,,,,,,,,,", "another seller's"),
    ],
)
@pytest.mark.usefixtures("seller")
def test_a_bad_row_is_refused_with_its_line_and_leaves_nothing(run, rejected, row, reason):
    other = ProductFactory(sku="ZT-9", marked=False)
    assert run("ZT-0,north,First,,,,,,,,,", "", row).endswith("1 rejected.")
    [(line, told)] = rejected()
    assert line == 4
    assert reason in told
    assert set(Product.objects.values_list("sku", flat=True)) == {"ZT-0", other.sku}


@pytest.mark.usefixtures("seller")
def test_a_sku_stands_once_in_a_file(run, rejected):
    assert run(GOOD, GOOD) == "Products: 1 created, 0 changed, 0 unchanged, 1 rejected."
    assert rejected() == [(3, "sku: stands in line 2 already.")]


def test_a_seller_outside_the_programme_cannot_get_a_mark(run, rejected):
    SellerFactory(slug="north", enrolled=False)
    assert run(GOOD).endswith("0 created, 0 changed, 0 unchanged, 1 rejected.")
    assert "not_enrolled" in rejected()[0][1]
    assert not Product.objects.exists()


@pytest.mark.usefixtures("seller")
def test_refused_rows_of_an_earlier_run_do_not_stay(run, tmp_path):
    run("ZT-1,nobody,Name,,,,,,,,,")
    assert (tmp_path / "products.csv.rejected.csv").exists()
    run("ZT-1,north,Name,,,,,,,,,")
    assert [each.name for each in tmp_path.iterdir()] == ["products.csv"]


@pytest.mark.usefixtures("seller")
def test_a_line_number_counts_the_lines_inside_cells(run, rejected):
    run('ZT-1,north,"Two\nlines",,,,,,,,,', "ZT-2,nobody,Name,,,,,,,,,")
    assert rejected()[0][0] == 4


@pytest.mark.usefixtures("seller")
def test_a_changed_row_changes_what_it_names(run, frozen):
    run(GOOD)
    frozen.move_to("2026-04-01T00:00:00Z")
    assert run(GOOD.replace("10 inch", "12 inch")) == "Products: 0 created, 1 changed, 0 unchanged, 0 rejected."
    assert Product.objects.get().name == "Head unit, 12 inch"
    assert SellerCommitment.objects.count() == 1


@pytest.mark.clause("2.3.3")
@pytest.mark.usefixtures("seller")
def test_a_changed_page_binds_from_now_and_the_old_one_for_before(run, frozen):
    run(GOOD)
    product, before = Product.objects.get(), frozen.instant
    later = frozen.move_to("2026-04-01T00:00:00Z")
    run(GOOD.replace(",24,24,Lagos;Accra", ",36,,"))
    old, new = SellerCommitment.objects.order_by("pk")
    assert (old.state, old.ended_at, new.state, new.replaces) == ("superseded", later, "binding", old)
    assert queries.best_terms(product, before)["response_hours"] == 24
    after = frozen.move_to("2026-04-01T00:00:00.000001Z")
    assert queries.best_terms(product, after) == {"response_hours": 36}


@pytest.mark.usefixtures("seller")
def test_a_page_that_promises_nothing_any_more_ends_its_commitment(run, frozen):
    run(GOOD)
    frozen.move_to("2026-04-01T00:00:00Z")
    run(GOOD.replace(",24,24,Lagos;Accra", ",,,"))
    assert SellerCommitment.objects.get().state == CommitmentState.ENDED


@pytest.mark.clause("2.3.3")
@pytest.mark.usefixtures("seller")
def test_a_narrowing_page_is_recorded_as_void_once(run):
    row = GOOD.replace(",24,24,Lagos;Accra", ",72,,")
    run(row)
    assert run(row).endswith("1 unchanged, 0 rejected.")
    assert SellerCommitment.objects.get().state == CommitmentState.VOID
    assert run(GOOD).endswith("1 changed, 0 unchanged, 0 rejected.")


@pytest.mark.usefixtures("seller")
def test_a_mark_can_be_ended_by_a_file_but_its_past_not_rewritten(run, rejected):
    run(GOOD)
    ended = GOOD.replace("+08:00,,", "+08:00,2026-02-01T00:00:00Z,")
    assert run(ended).startswith("Products: 0 created, 1 changed")
    assert run(ended).startswith("Products: 0 created, 0 changed, 1 unchanged")
    assert run(GOOD).startswith("Products: 0 created, 0 changed, 1 unchanged")
    run(ended.replace("2026-02-01", "2026-02-02"))
    assert "mark_ended" in rejected()[0][1]
    assert MarkPeriod.objects.get().ends_at == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "columns are missing: sku, seller, name"),
        (b"sku,seller,name,colour\n", "columns are not known: colour"),
        (b"sku,seller,name,sku\n", "columns stand twice: sku"),
        ("sku,seller,name\nä,ö,ü\n".encode("latin-1"), "not written in UTF-8"),
        (b'sku,seller,name\n"a,b,c\n', "Line"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, content, reason):
    file = tmp_path / "products.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        call_command("import_products", str(file), stdout=StringIO())


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_products", str(tmp_path / "none.csv"), stdout=StringIO())


@pytest.mark.usefixtures("seller")
def test_what_came_before_a_broken_end_is_told(tmp_path):
    file, out = tmp_path / "products.csv", StringIO()
    file.write_bytes(b'sku,seller,name\nZT-1,north,One\n"ZT-2,north\n')
    with pytest.raises(CommandError, match="Line"):
        call_command("import_products", str(file), stdout=out)
    assert "1 created" in out.getvalue()
