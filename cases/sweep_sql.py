"""The sweep's two statements for PostgreSQL, built from the transition table of the appointment machine."""

from __future__ import annotations

from django_fsm import Transition

from cases.deadlines import OUTCOME_OF_A_MISS
from cases.models import Deadline, Offer, ServiceAppointment, SlotSeat, Visit
from cases.models.offer import OPEN_OFFERS
from cases.visit_ends import UNDER_WAY
from zestech_aftersales.timeline.models import Event, Undelivered


def rules() -> list[tuple[str, str, str]]:
    """(clock, state before, state after) for every miss, read off the machine itself."""
    field = ServiceAppointment._meta.get_field("state")
    table: list[Transition] = list(field.get_all_transitions(ServiceAppointment))
    return [
        (str(clock), str(step.source), str(step.target))
        for clock, outcome in OUTCOME_OF_A_MISS.items()
        for step in table
        if step.name == outcome.__name__
    ]


def _literals(values: list[str]) -> str:
    # Literals, not parameters: only then does the planner see that the partial index fits.
    return ", ".join(f"'{value}'" for value in values)


def written(statement: str) -> str:
    """A statement with the names of our tables and the machine's own transitions put in."""
    return statement.format(**_names())


def _names() -> dict[str, str]:
    return {
        "appointment": ServiceAppointment._meta.db_table,
        "deadline": Deadline._meta.db_table,
        "offer": Offer._meta.db_table,
        "visit": Visit._meta.db_table,
        "seat": SlotSeat._meta.db_table,
        "event": Event._meta.db_table,
        "undelivered": Undelivered._meta.db_table,
        "rules": ", ".join(f"('{clock}', '{before}', '{after}')" for clock, before, after in rules()),
        "clocks": _literals([str(clock) for clock in OUTCOME_OF_A_MISS]),
        "under_way": _literals([str(state) for state in UNDER_WAY]),
        "open_offers": _literals([str(state) for state in OPEN_OFFERS]),
    }


# Claims appointments, never deadlines: the same lock that every action takes, so locks run one way.
CLAIM_STATEMENT = """
SELECT a.id
FROM {deadline} d
JOIN {appointment} a ON a.id = d.appointment_id
WHERE d.state = 'running' AND d.due_at < %(cutoff)s
  AND (d.clock, a.state) IN (SELECT clock, before FROM (VALUES {rules}) AS rule (clock, before, after))
  AND a.id <> ALL (%(refused)s)
ORDER BY d.due_at
LIMIT %(batch)s
FOR NO KEY UPDATE OF a SKIP LOCKED
"""

# A new statement, hence a new snapshot: it sees what was committed before the claim, under the claim's locks.
MISS_STATEMENT = """
WITH missed AS (
    SELECT DISTINCT ON (d.appointment_id) d.id, d.appointment_id, d.clock, d.clause, d.due_at
    FROM {deadline} d
    WHERE d.appointment_id = ANY (%(claimed)s) AND d.state = 'running' AND d.due_at < %(cutoff)s
      AND d.clock IN ({clocks})
    ORDER BY d.appointment_id, d.due_at, d.id
), ended AS (
    UPDATE {appointment} a
    SET state = rule.after, ended_at = missed.due_at, end_reason = missed.clock, next_due_at = NULL
    FROM missed JOIN (VALUES {rules}) AS rule (clock, before, after) ON rule.clock = missed.clock
    WHERE a.id = missed.appointment_id AND a.state = rule.before
    RETURNING a.id, a.case_id, rule.before, rule.after, missed.id AS missed_id, missed.clause, missed.due_at
), stopped AS (
    UPDATE {deadline} d
    SET state = CASE WHEN d.id = ended.missed_id THEN 'missed' ELSE 'voided' END,
        ended_at = ended.due_at,
        next_reminder_at = NULL,
        state_before = CASE WHEN d.id = ended.missed_id THEN ended.before ELSE d.state_before END,
        voided_by_id = CASE WHEN d.id = ended.missed_id THEN NULL ELSE ended.missed_id END
    FROM ended
    WHERE d.appointment_id = ended.id AND d.state = 'running'
    RETURNING ended.*, d.id AS deadline_id, d.clock, d.state, d.started_at, d.due_at AS stopped_due_at
), released AS (
    UPDATE {seat} s SET released_at = ended.due_at FROM ended
    WHERE s.appointment_id = ended.id AND s.released_at IS NULL
), cancelled AS (
    UPDATE {visit} v SET state = 'cancelled' FROM ended
    WHERE v.appointment_id = ended.id AND v.state IN ({under_way})
), fallen AS (
    UPDATE {offer} o SET state = 'void' FROM ended
    WHERE ended.after = 'lapsed' AND o.appointment_id = ended.id AND o.state IN ({open_offers})
), events AS (
    INSERT INTO {event} (uid, stream, subject, kind, clause, actor_kind, client_id, channel, key,
                         effective_at, recorded_at, before, after, detail)
    SELECT gen_random_uuid(), 'case/' || case_id, 'appointment/' || id, 'appointment.' || after,
           clause, 'system', '', 'task', '', due_at, %(recorded_at)s,
           jsonb_build_object('state', before), jsonb_build_object('state', after),
           jsonb_build_object('clocks', jsonb_agg(jsonb_build_object(
               'clock', clock, 'change', state,
               'started_at', to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
               'due_at', to_char(stopped_due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
               'ended_at', to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
           ) ORDER BY deadline_id))
    FROM stopped
    GROUP BY id, case_id, before, after, clause, due_at
    ORDER BY due_at, id
    RETURNING id
)
INSERT INTO {undelivered} (event_id, attempts, error) SELECT id, 0, '' FROM events
"""

CLAIM = written(CLAIM_STATEMENT)
MISS = written(MISS_STATEMENT)
