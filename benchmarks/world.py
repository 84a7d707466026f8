"""The data that is measured on, loaded by INSERT .. SELECT with the skew of a real marketplace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from cases.models import Clock, Cover, Deadline, ServiceAppointment, ServiceCase
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

# The open limits run out from here on, one cohort each hour: far ahead, so that no real sweep finds them.
FIRST_HOUR = datetime(2040, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
# A door visit under the first edition: how long its two clocks run.
RESPONSE_HOURS, CONFIRMATION_DAYS = (int(NUMBERS[name]) for name in ("response_hours", "confirmation_days"))
RESPONSE = timedelta(hours=RESPONSE_HOURS)
SELLERS = 2000
# Chosen by u ** SKEW of a uniform u: the largest seller has 2 % of everything.
SKEW = 1.943

SPARSE = """
INSERT INTO sellers_seller (id, name, legal_name, entity_key, slug, country, city, email, phone, time_zone)
SELECT n, 'Seller ' || n, 'Seller ' || n || ' Ltd', 'seller' || n || 'ltd', 'seller-' || n, 'CN', 'Shenzhen', 'desk@s' || n || '.example', '',
       'Asia/Shanghai'
FROM generate_series(1, %(sellers)s) n;
INSERT INTO sellers_product (id, sku, name, brand, description, service_types, methods, page, seller_id)
SELECT n, 'ZT-' || n, 'Head unit ' || n, 'ZESTECH', '', '[]', '["door", "point", "remote"]', '{}', n
FROM generate_series(1, %(sellers)s) n;
INSERT INTO accounts_user (id, password, email, name, time_zone, language, platform_role, is_staff, is_active)
SELECT n, '!', 'p' || n || '@buyers.example', 'Buyer ' || n, 'UTC', 'en', '', false, true
FROM generate_series(1, %(buyers)s) n;
INSERT INTO sellers_servicepoint (id, seller_id, name, address, city, country, time_zone, opening_hours, closed_days,
                                  slot_minutes, capacity, has_published_slots, is_active)
SELECT n, n, 'Workshop', '1 Service Road', 'Dubai', 'AE', 'Asia/Dubai', '{}', '[]', 60, 4, true, true
FROM generate_series(1, %(sellers)s) n;
INSERT INTO cases_order (id, number, state, placed_at, paid_at, protection, is_online, currency, total,
                         refunded_amount, ship_name, ship_address, ship_city, ship_country, phone, buyer_id, edition_id)
SELECT n, 'B-' || n, 'paid', %(first)s - interval '90 days', %(first)s - interval '90 days', 'trade_assurance', true,
       'USD', 399, 0, '', '', 'Dubai', 'AE', '', n, (SELECT min(id) FROM rulebook_ruleedition)
FROM generate_series(1, %(buyers)s) n;
INSERT INTO cases_orderline (id, position, title, quantity, refunded_quantity, unit_price, order_id, product_id)
SELECT n, 1, 'Head unit', 1, 0, 399, n, 1 + floor(%(sellers)s * power(random(), %(skew)s))
FROM generate_series(1, %(buyers)s) n;
INSERT INTO cases_cover (id, state, reason, starts_at, ends_at, snapshot, unit_serial, buyer_id, edition_id, seller_id,
                         order_id, line_id)
SELECT l.id, 'active', '', o.placed_at, o.placed_at + interval '1 year', '{"methods": ["door", "point", "remote"]}', '',
       o.buyer_id, o.edition_id, l.product_id, o.id, l.id
FROM cases_orderline l JOIN cases_order o ON o.id = l.order_id;
"""

# The kinds of open appointment: 60 % unanswered door visits, 25 % points and remote, the rest further on.
APPOINTMENTS = """
CREATE TEMP TABLE plan AS
SELECT n AS id, 1 + n %% %(buyers)s AS cover_id, n > %(open)s AS closed,
       CASE WHEN kind < 60 THEN 'requested' WHEN kind < 85 THEN 'asked' WHEN kind < 90 THEN 'countered'
            WHEN kind < 97 THEN 'proposed' ELSE 'agreed' END AS step,
       CASE WHEN n > %(open)s THEN %(first)s - interval '30 days' * random()
            ELSE %(first)s + interval '1 hour' * ((n - 1) / %(passed)s) + interval '59 minutes' * random() END AS due_at
FROM (SELECT n, (n::bigint * 7919) %% 100 AS kind FROM generate_series(1, %(open)s + %(closed)s) n) AS numbered;
INSERT INTO cases_servicecase (id, state, title, description, opened_at, buyer_id, cover_id, seller_id)
SELECT p.id, 'open', 'No CAN-bus signal', '', p.due_at - interval '48 hours', c.buyer_id, c.id, c.seller_id
FROM plan p JOIN cases_cover c ON c.id = p.cover_id ORDER BY p.id;
INSERT INTO cases_serviceappointment (id, method, service_type, state, received_at, wish, terms, unit_serial, address,
                                      city, country, phone, next_due_at, ended_at, end_reason, has_disclosure_gap, buyer_id, seller_id,
                                      case_id, point_id)
SELECT p.id, CASE WHEN p.step = 'asked' THEN 'point' ELSE 'door' END, 'fault_detection',
       CASE WHEN p.closed THEN 'deemed_refused' WHEN p.step = 'asked' THEN 'requested' ELSE p.step END,
       p.due_at - interval '48 hours', '', '{}', '', '5 Palm Street', 'Dubai', 'AE', '',
       CASE WHEN p.closed THEN NULL ELSE p.due_at END, CASE WHEN p.closed THEN p.due_at END, '', false,
       c.buyer_id, c.seller_id, p.id, CASE WHEN p.step = 'asked' THEN c.seller_id END
FROM plan p JOIN cases_cover c ON c.id = p.cover_id ORDER BY p.id;
INSERT INTO cases_deadline (clock, state, clause, started_at, amount, due_at, ended_at, promised, state_before,
                            appointment_id)
SELECT row.clock, CASE WHEN NOT p.closed THEN 'running' WHEN row.first THEN 'missed' ELSE 'voided' END, '2.3.1',
       p.due_at - interval '48 hours', 48, row.due_at, CASE WHEN p.closed THEN p.due_at END, '', '', p.id
FROM plan p CROSS JOIN LATERAL (
    SELECT CASE p.step WHEN 'requested' THEN 'response' WHEN 'asked' THEN 'solution' WHEN 'countered' THEN 'counter'
           WHEN 'proposed' THEN 'buyer_silence' ELSE 'confirmation' END AS clock, p.due_at, true AS first
    UNION ALL
    SELECT 'confirmation', CASE WHEN p.step <> 'proposed' THEN p.due_at + interval '12 days' END, false
    WHERE p.step IN ('requested', 'countered', 'proposed')
) AS row (clock, due_at, first)
ORDER BY p.id;
INSERT INTO cases_offer (side, state, method, service_type, windows, next_step, contact_name, plan, parts, video_url,
                         price_amount, price_currency, price_terms, received_at, is_late, appointment_id)
SELECT CASE WHEN p.step = 'countered' THEN 'buyer' ELSE 'seller' END,
       CASE WHEN p.closed THEN 'void' WHEN p.step = 'agreed' THEN 'accepted' ELSE 'standing' END, 'door',
       'fault_detection', '[]', 'We call', 'Service desk', '', '', '', 0, 'USD', 'free', p.due_at - interval '2 days',
       false, p.id
FROM plan p WHERE p.step IN ('countered', 'proposed', 'agreed');
INSERT INTO cases_slotseat (point_id, starts_at, seat, appointment_id, taken_at, released_at)
SELECT a.point_id, a.received_at, a.id %% 4, a.id, a.received_at, a.ended_at
FROM cases_serviceappointment a WHERE a.point_id IS NOT NULL AND a.id %% 3 = 0
ON CONFLICT DO NOTHING;
INSERT INTO timeline_event (uid, stream, subject, kind, clause, actor_kind, actor_id, client_id, channel, key,
                            effective_at, recorded_at, before, after, detail)
SELECT gen_random_uuid(), 'case/' || id, 'appointment/' || id, 'appointment.requested', '2.3.1', 'buyer', buyer_id, '',
       'portal', '', received_at, received_at, '{"state": ""}', '{"state": "requested"}', '{"method": "door"}'
FROM cases_serviceappointment ORDER BY id;
DROP TABLE plan;
"""

TABLES = (
    "sellers_seller", "sellers_product", "sellers_servicepoint", "accounts_user", "cases_order", "cases_orderline",
    "cases_cover", "cases_servicecase", "cases_serviceappointment", "cases_deadline", "cases_offer", "cases_slotseat",
    "timeline_event",
)  # fmt: skip


def load(*, cohorts: int, passed: int, closed: int) -> None:
    """Load `cohorts` of `passed` open appointments each, running out hour by hour, and `closed` ended ones."""
    numbers: dict[str, int | float | datetime] = {
        "sellers": SELLERS, "skew": SKEW, "first": FIRST_HOUR, "passed": passed, "open": cohorts * passed,
        "closed": closed, "buyers": max(1000, (cohorts * passed + closed) // 10),
    }  # fmt: skip
    with connection.cursor() as cursor:
        # Loading is not what is measured: no foreign keys, no waiting for the disk.
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off; SELECT setseed(0.5)")
        cursor.execute(SPARSE, numbers)
        cursor.execute(APPOINTMENTS, numbers)
        cursor.execute("RESET session_replication_role; RESET synchronous_commit")
        settle_down()
        for table in TABLES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) + 1 FROM {table}))")


def settle_down() -> None:
    """Vacuum and checkpoint, so that one run does not pay for the one before it."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("CHECKPOINT")


def passed_by(cohort: int) -> datetime:
    """An instant at which exactly the cohorts 0 to `cohort` are ripe for the sweep."""
    return FIRST_HOUR + (cohort + 1) * HOUR


def clear() -> None:
    """Take all of it away again; the guards of the timeline are for databases that hold evidence."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        cursor.execute("RESET session_replication_role")


def unanswered(due_at: Sequence[datetime]) -> list[int]:
    """Add a door visit for each of these instants at which its time for an answer runs out; returns the appointments' keys."""
    covers = list(Cover.objects.order_by("id")[:1000])
    owed = [(covers[n % len(covers)], due, due - RESPONSE) for n, due in enumerate(due_at)]
    cases = ServiceCase.objects.bulk_create(
        ServiceCase(cover=cover, seller_id=cover.seller_id, buyer_id=cover.buyer_id, title="Fault", opened_at=at)
        for cover, _due, at in owed
    )
    appointments = ServiceAppointment.objects.bulk_create(
        ServiceAppointment(
            case=case, seller_id=case.seller_id, buyer_id=case.buyer_id, method=ServiceMethod.DOOR, received_at=at,
            service_type=ServiceType.FAULT_DETECTION, next_due_at=due,
        )
        for case, (_cover, due, at) in zip(cases, owed, strict=True)
    )  # fmt: skip
    until_confirmed = timedelta(days=CONFIRMATION_DAYS) - RESPONSE
    clocks = (
        (Clock.RESPONSE, RESPONSE_HOURS, timedelta()),
        (Clock.CONFIRMATION, CONFIRMATION_DAYS, until_confirmed),
    )
    Deadline.objects.bulk_create(
        Deadline(appointment=appointment, clock=clock, clause="2.3.1", started_at=at, amount=amount, due_at=due + later)
        for appointment, (_cover, due, at) in zip(appointments, owed, strict=True)
        for clock, amount, later in clocks
    )
    return [appointment.pk for appointment in appointments]
