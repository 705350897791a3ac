-- The end of a period: the journal added up, range by range.

-- name: summed_journal
-- The row of slot -1 says which transactions this very statement sees.
copy (
    select -1 as slot, '' as account_id, '' as currency, 0 as component,
           pg_current_snapshot()::text as debit_account, '' as credit_account,
           0 as amount_minor
    union all
    select slot, account_id, currency, component, debit_account, credit_account,
           sum(amount_minor)::bigint
    from journal
    where slot >= %(slot_from)s and slot < %(slot_until)s and booked_on <= %(booked_to)s
    group by slot, account_id, currency, component, debit_account, credit_account
) to stdout (format csv)

-- name: parked_ids
select account_id from parked where resolved_at is null

-- name: keep_part
insert into period_part (run_id, slot_from, slot_until, body, seen)
values (%(run_id)s, %(slot_from)s, %(slot_until)s, %(body)s, %(seen)s::pg_snapshot)

-- name: parts
select body from period_part where run_id = %(run_id)s order by slot_from

-- name: wait_for_day
select pg_advisory_xact_lock(hashtextextended('arrears open day', 0))

-- name: booked
select currency, debit_account, credit_account, sum(amount_minor)::bigint as amount_minor
from journal
where booked_on > coalesce(%(after)s::date, '-infinity') and booked_on <= %(until)s
group by currency, debit_account, credit_account

-- name: booked_late
-- Rows of the day that no range has seen: neither its own nor any that was committed before it looked.
with part as (select * from period_part where run_id = %(run_id)s),
late as (
    select slot, currency, component, debit_account, credit_account, amount_minor, written_by
    from journal
    where booked_on = %(day)s and written_by not in (select part.written_by from part))
select currency, component, debit_account, credit_account, sum(amount_minor)::bigint as amount_minor
from late join part on late.slot >= part.slot_from and late.slot < part.slot_until
where not pg_visible_in_snapshot(late.written_by, part.seen)
group by currency, component, debit_account, credit_account

-- name: last_period
select * from period order by period_end desc limit 1

-- name: periods
select * from period order by period_end

-- name: keep_period
insert into period (period_end, run_id, accounts, parked, ledger, owed, apart, digest)
values (%(period_end)s, %(run_id)s, %(accounts)s, %(parked)s, %(ledger)s, %(owed)s, %(apart)s,
        %(digest)s)
