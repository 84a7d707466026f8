"""The sample of a month: its figures, its draw, the same again from what was kept (3.2)."""

from dataclasses import asdict
from datetime import date, timedelta
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db.models import F

from cases.models import Cover, Deadline, ServiceAppointment
from complaints import tasks
from complaints.actions.samples import draw_sample, freeze_checklist
from complaints.models import Audit, AuditDraw, AuditItem
from complaints.population import month_before, month_span, platform_zone, population
from complaints.samples import differences
from complaints.sampling import drawn, hash_of, rows_of
from sellers.models import Seller
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as complain
from tests.factories import violations as judged
from tests.instants import instant
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

MICROSECOND = timedelta(microseconds=1)
BEGUN = instant("2026-02-28T16:00:00Z")


def figures_of(seller):
    return next(asdict(each) for each in population(BEGUN, audit.OVER) if each.seller == seller.pk)


def a_covered_seller(**given):
    """A seller with one marked order."""
    return make.a_cover(**given).seller


def test_a_month_is_the_platforms_own():
    zone = platform_zone(audit.DRAWN)
    assert month_span(audit.MONTH, zone) == (BEGUN, audit.OVER)
    assert month_before(audit.OVER) == audit.MONTH
    assert month_before(audit.OVER - MICROSECOND) == date(2026, 2, 1)
    assert month_before(instant("2026-01-05T00:00:00Z")) == date(2025, 12, 1)


def test_the_figures_count_what_the_month_tells():
    late = judged.unanswered()
    complaint = complain.filed(late, at=instant("2026-03-20T03:00:00Z"))
    told = figures_of(late.seller)
    assert complaint.state == "negotiating"
    assert told == {
        "seller": late.seller_id, "orders": 1, "requests": 1, "answers": 1, "late": 1, "refusals": 1, "gaps": 0,
        "complaints": 1,
    }  # fmt: skip
    quick = make.offered(make.requested(at=judged.R0), at=judged.R0 + timedelta(hours=1)).appointment
    told = figures_of(quick.seller)
    assert (told["answers"], told["late"], told["refusals"]) == (1, 0, 0)


def test_gaps_in_the_service_terms_weigh():
    point = make.requested(at=judged.R0, method="remote", service_type="video_guidance")
    offer = make.offered(point, at=judged.R0 + timedelta(hours=1))
    make.accepted(offer, at=judged.R0 + timedelta(hours=2))
    assert figures_of(point.seller)["gaps"] == 0
    ServiceAppointment.objects.filter(pk=point.pk).update(has_disclosure_gap=True)
    assert figures_of(point.seller)["gaps"] == 1


def test_a_request_of_the_next_month_counts_for_it_and_a_seller_who_left_is_not_forgotten():
    inside = make.requested(at=audit.OVER - MICROSECOND)
    outside = make.requested(at=audit.OVER)
    counted = {each.seller: each.requests for each in population(BEGUN, audit.OVER)}
    assert (counted[inside.seller_id], counted[outside.seller_id]) == (1, 0)
    # No enrolment at all: its orders under the mark are bound all the same (4.3).
    assert not inside.seller.enrolments.exists()
    unmarked = make.a_cover(make.a_product(marked=False)).seller
    assert unmarked.pk not in {each.seller for each in population(BEGUN, audit.OVER)}


def test_the_figures_take_the_same_queries_for_more_sellers(django_assert_num_queries):
    a_covered_seller()
    with django_assert_num_queries(8):
        population(BEGUN, audit.OVER)
    judged.unanswered()
    a_covered_seller()
    with django_assert_num_queries(8):
        assert len(population(BEGUN, audit.OVER)) == 3


def test_the_rows_lying_otherwise_in_the_database_change_nothing():
    sellers = [a_covered_seller() for _n in range(4)] + [judged.unanswered().seller]
    before = rows_of(population(BEGUN, audit.OVER))
    assert [row["seller"] for row in before] == [seller.pk for seller in sellers]
    # Each row is written anew in another order: read without an order they now come so.
    for model in (Seller, Cover, ServiceAppointment, Deadline):
        keys = list(model.objects.values_list("pk", flat=True))
        Random(7).shuffle(keys)
        for key in keys:
            model.objects.filter(pk=key).update(**MOVED[model])
    after = rows_of(population(BEGUN, audit.OVER))
    assert hash_of(after) == hash_of(before)


def clones(row, count, **linked):
    """Copies of a row in bulk, each with its own value of what must differ."""
    told = []
    for n in range(count):
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        values.pop("id")
        told.append(type(row)(**values | {name: each[n] for name, each in linked.items()}))
    return type(row).objects.bulk_create(told)


def test_a_thousand_sellers_give_the_same_sample_from_the_same_seed_in_any_order_of_the_rows(settings):
    settings.AUDITS_BY_CHANCE, settings.AUDITS_BY_RISK = 20, 30
    cover, count = make.a_cover(), 1000
    numbers = [f"S{n}" for n in range(count)]
    sellers = clones(cover.seller, count, slug=[f"one-of-many-{n}" for n in range(count)])
    keys = [seller.pk for seller in sellers]
    products = clones(cover.line.product, count, sku=numbers, seller_id=keys)
    orders = clones(cover.order, count, number=numbers)
    lines = clones(cover.line, count, order_id=[each.pk for each in orders], product_id=[each.pk for each in products])
    clones(
        cover, count, seller_id=keys, order_id=[each.pk for each in orders], line_id=[each.pk for each in lines]
    )  # fmt: skip
    sample = draw_sample(audit.MONTH, seed="a seed", by=system(), at=audit.OVER)
    drawn_first = list(Audit.objects.order_by("pk").values_list("seller", "part"))
    assert (len(sample.population), len(drawn_first)) == (count + 1, 50)
    assert differences(sample) == []
    for model in (Seller, Cover):
        found = list(model.objects.values_list("pk", flat=True))
        Random(11).shuffle(found)
        for key in found:
            model.objects.filter(pk=key).update(**MOVED[model])
    rows = rows_of(population(BEGUN, audit.OVER))
    assert hash_of(rows) == sample.population_hash
    assert [(seller, str(part)) for seller, part in drawn(rows, "a seed", random_size=20, risk_size=30)] == drawn_first
    assert drawn(rows, "another", random_size=20, risk_size=30) != drawn(rows, "a seed", random_size=20, risk_size=30)


MOVED = {
    Seller: {"phone": F("phone")},
    Cover: {"reason": F("reason")},
    ServiceAppointment: {"wish": F("wish")},
    Deadline: {"promised": F("promised")},
}


def test_a_month_is_drawn_once_with_its_audits_checklists_and_events(settings):
    settings.AUDITS_BY_CHANCE, settings.AUDITS_BY_RISK = 2, 1
    late = judged.unanswered()
    for _n in range(4):
        a_covered_seller()
    sample = audit.a_sample()
    assert (sample.month, sample.seed, sample.drawn_at) == (audit.MONTH, "a seed", audit.DRAWN)
    assert sample.population_hash == hash_of(sample.population)
    assert sorted(sample.audits.values_list("part", flat=True)) == ["random", "random", "risk"]
    assert audit.a_sample(seed="another", at=audit.DRAWN + timedelta(days=1)).pk == sample.pk
    assert Audit.objects.count() == 3
    assert list(Event.objects.filter(kind="sample.drawn").values_list("detail__seed", flat=True)) == ["a seed"]
    for each in sample.audits.all():
        kinds = list(Event.objects.filter(stream=each.subject).order_by("id").values_list("kind", flat=True))
        assert kinds == ["audit.opened", "audit.frozen"]
        assert (each.state, each.opened_by, each.opened_at) == ("open", None, audit.DRAWN)
        assert each.items.filter(question="figures", evidence__figures__seller=each.seller_id).count() == 1
        assert each.items.count() == (6 if each.seller_id == late.seller_id else 1)


def test_a_month_that_is_not_over_is_not_drawn():
    with pytest.raises(RuleBroken, match="month_not_over"):
        audit.a_sample(at=audit.OVER - MICROSECOND)
    assert not AuditDraw.objects.exists()
    assert audit.a_sample(at=audit.OVER).drawn_at == audit.OVER


def test_what_broke_off_between_draw_and_checklist_goes_on():
    a_covered_seller()
    sample = draw_sample(audit.MONTH, seed="a seed", by=system(), at=audit.DRAWN)
    assert not AuditItem.objects.exists()
    assert audit.a_sample().pk == sample.pk
    assert AuditItem.objects.count() == 1
    freeze_checklist(Audit.objects.get(), by=system(), at=audit.DRAWN + timedelta(hours=1))
    assert AuditItem.objects.count() == 1


def test_only_auditors_and_the_system_draw():
    with pytest.raises(PermissionDenied):
        draw_sample(audit.MONTH, seed="mine", by=claim.a_supporter(), at=audit.DRAWN)
    drawn = draw_sample(audit.MONTH, seed="mine", by=claim.an_auditor(), at=audit.DRAWN)
    assert drawn.seed == "mine"


def test_the_nightly_task_draws_each_month_once(frozen):
    a_covered_seller()
    for night in ("2026-04-01T19:00:00Z", "2026-04-01T19:00:00Z", "2026-04-29T19:00:00Z", "2026-04-30T19:00:00Z"):
        frozen.move_to(instant(night))
        tasks.draw_audits()
    drawn = AuditDraw.objects.order_by("month")
    assert [f"{each}" for each in drawn] == ["2026-03", "2026-04"]
    assert drawn[0].seed != drawn[1].seed
    assert Audit.objects.count() == 2


def test_a_beat_that_was_down_catches_up_on_whole_months_once(frozen):
    a_covered_seller()
    for instant_awake, months in (
        ("2026-04-20T19:00:00Z", ["2026-03"]),
        ("2026-07-15T19:00:00Z", ["2026-03", "2026-04", "2026-05", "2026-06"]),
        ("2026-07-16T19:00:00Z", ["2026-03", "2026-04", "2026-05", "2026-06"]),
    ):
        frozen.move_to(instant(instant_awake))
        tasks.draw_audits()
        assert [str(each) for each in AuditDraw.objects.order_by("month")] == months
    assert Event.objects.filter(kind="sample.drawn").count() == 4


def test_the_command_draws_and_draws_again(frozen, capsys):
    frozen.move_to(audit.DRAWN)
    seller = a_covered_seller()
    call_command("draw_audits", month="2026-03", seed="a seed")
    told = capsys.readouterr().out
    assert "2026-03: seed a seed, 1 sellers" in told
    assert str(seller) in told
    call_command("draw_audits", again=True)
    assert "Drawn again: the same." in capsys.readouterr().out
    with pytest.raises(CommandError, match="with the seed a seed"):
        call_command("draw_audits", month="2026-03", seed="another")
    with pytest.raises(CommandError, match="was not drawn"):
        call_command("draw_audits", month="2026-02", again=True)
    with pytest.raises(CommandError, match="once it is over"):
        call_command("draw_audits", month="2026-04")
    with pytest.raises(CommandError, match="like 2026-03"):
        call_command("draw_audits", month="March")


def test_whatever_was_touched_is_told(settings):
    settings.AUDITS_BY_CHANCE, settings.AUDITS_BY_RISK = 1, 0
    for _n in range(3):
        a_covered_seller()
    sample = audit.a_sample()
    assert differences(sample) == []
    sample.population[0]["weight"] += 1
    assert len(differences(sample)) == 2
    sample = make.fresh(sample)
    sample.seed = next(seed for seed in map(str, range(99)) if differences(AuditDraw(**_fields(sample, seed))))
    AuditDraw.objects.filter(pk=sample.pk).update(seed=sample.seed)
    with pytest.raises(CommandError, match=r"kept as .*, drawn as"):
        call_command("draw_audits", month="2026-03", again=True)


def _fields(sample, seed):
    kept = ("id", "month", "random_size", "risk_size", "population", "population_hash", "drawn_at")
    return {name: getattr(sample, name) for name in kept} | {"seed": seed}
