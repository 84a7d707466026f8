"""The rival of the sweep: one SQL statement, written by hand, that does the same writes for all rows at once."""

# No claim, no batches, no state machine: it knows by heart what a miss does. Nobody else may work meanwhile.
ONE_STATEMENT = """
WITH missed AS (
    SELECT DISTINCT ON (appointment_id) id, appointment_id, clock, clause, due_at
    FROM cases_deadline
    WHERE state = 'running' AND due_at < %(cutoff)s AND clock <> 'new_date'
    ORDER BY appointment_id, due_at, id
), ended AS (
    UPDATE cases_serviceappointment a
    SET state = CASE missed.clock WHEN 'buyer_silence' THEN 'lapsed' ELSE 'deemed_refused' END,
        ended_at = missed.due_at, end_reason = missed.clock, next_due_at = NULL
    FROM missed, (SELECT id, state FROM cases_serviceappointment) AS old
    WHERE a.id = missed.appointment_id AND old.id = a.id
    RETURNING a.id, a.case_id, old.state AS before, a.state AS after, missed.id AS missed_id, missed.clause,
              missed.due_at
), stopped AS (
    UPDATE cases_deadline d
    SET state = CASE WHEN d.id = ended.missed_id THEN 'missed' ELSE 'voided' END, ended_at = ended.due_at,
        state_before = CASE WHEN d.id = ended.missed_id THEN ended.before ELSE '' END,
        voided_by_id = CASE WHEN d.id = ended.missed_id THEN NULL ELSE ended.missed_id END
    FROM ended
    WHERE d.appointment_id = ended.id AND d.state = 'running'
    RETURNING ended.*, d.clock, d.state, d.started_at, d.due_at AS was_due_at
), released AS (
    UPDATE cases_slotseat s SET released_at = ended.due_at FROM ended
    WHERE s.appointment_id = ended.id AND s.released_at IS NULL
), fallen AS (
    UPDATE cases_offer o SET state = 'void' FROM ended
    WHERE o.appointment_id = ended.id AND ended.after = 'lapsed' AND o.state = 'standing'
), events AS (
    INSERT INTO timeline_event (uid, stream, subject, kind, clause, actor_kind, client_id, channel, key, effective_at,
                                recorded_at, before, after, detail)
    SELECT gen_random_uuid(), 'case/' || case_id, 'appointment/' || id, 'appointment.' || after, clause, 'system', '',
           'task', '', due_at, %(at)s, jsonb_build_object('state', before), jsonb_build_object('state', after),
           jsonb_build_object('clocks', jsonb_agg(jsonb_build_object('clock', clock, 'change', state,
               'started_at', to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
               'due_at', to_char(was_due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
               'ended_at', to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))))
    FROM stopped GROUP BY id, case_id, before, after, clause, due_at
    RETURNING id
)
INSERT INTO timeline_undelivered (event_id) SELECT id FROM events
"""
