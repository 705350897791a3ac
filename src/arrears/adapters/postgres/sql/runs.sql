-- Closing business: which accounts a day asks for, how far a run has come, who is set aside.

-- name: last_closed
select business_on, run_id from run order by business_on desc limit 1

-- name: hold_open_day
select * from hold_open_day()

-- name: run_of
select run_id from run where business_on = %(business_on)s

-- name: first_opened
select min(opened_on) as opened_on from account

-- name: accounts_due
select slot, account_id from account_state as due
where next_action_on <= %(business_on)s and slot >= %(slot_from)s and slot < %(slot_until)s
  and coalesce(folded_to <= %(business_on)s, true)
  and not exists (select from parked p
                  where (p.slot, p.account_id) = (due.slot, due.account_id) and p.resolved_at is null)
order by slot, account_id

-- name: accounts_due_or_other_basis
select slot, account_id from account_state as due
where (next_action_on <= %(business_on)s
       or (status in ('active', 'charged_off') and basis <> %(basis)s))
  and coalesce(folded_to <= %(business_on)s, true)
  and slot >= %(slot_from)s and slot < %(slot_until)s
  and not exists (select from parked p
                  where (p.slot, p.account_id) = (due.slot, due.account_id) and p.resolved_at is null)
order by slot, account_id

-- name: open_accounts
select slot, account_id from account_state as account
where (status in ('active', 'charged_off') or next_action_on <= %(business_on)s)
  and coalesce(folded_to <= %(business_on)s, true)
  and slot >= %(slot_from)s and slot < %(slot_until)s
  and not exists (select from parked p
                  where (p.slot, p.account_id) = (account.slot, account.account_id)
                    and p.resolved_at is null)
order by slot, account_id

-- name: holds_more_than
select 1 from account offset %(accounts)s limit 1

-- name: slots_due
select slot, count(*) as accounts from account_state
where next_action_on <= %(business_on)s group by slot

-- name: slots_other_basis
select slot, count(*) as accounts from account_state
where next_action_on <= %(business_on)s
      or (status in ('active', 'charged_off') and basis <> %(basis)s)
group by slot

-- name: slots_every_open
select slot, count(*) as accounts from account_state
where status in ('active', 'charged_off') or next_action_on <= %(business_on)s group by slot

-- name: bases_of_last_close
with last as (select run_id from run order by business_on desc limit 1)
select basis from run_start join last using (run_id)
union
select basis from run_attempt join last using (run_id)

-- name: begun
select accounts, slot_starts from run_start where run_id = %(run_id)s

-- name: start_run
insert into run_start (run_id, business_on, started_at, accounts, slot_starts, basis)
values (%(run_id)s, %(business_on)s, %(started_at)s, %(accounts)s, %(slot_starts)s, %(basis)s)

-- name: add_attempt
insert into run_attempt (run_id, process, engine, processes, basis, began_at, taken_over_from)
values (%(run_id)s, %(process)s, %(engine)s, %(processes)s, %(basis)s, %(began_at)s,
        %(taken_over_from)s)

-- name: stop_run
insert into run_stop (run_id, bound, found, stopped_at)
values (%(run_id)s, %(bound)s, %(found)s, %(stopped_at)s)

-- name: runs
select told.*, last.began_at as last_began_at,
       (select coalesce(sum(coalesce((counts ->> 'accounts')::bigint, 0)
                            + coalesce((counts ->> 'parked')::bigint, 0)), 0)::bigint
        from run_slot where run_slot.run_id = told.run_id
                        and run_slot.finished_at >= last.began_at) as done_lately
from run_progress as told
cross join lateral (
    select coalesce(max(began_at), told.started_at) as began_at
    from run_attempt where run_attempt.run_id = told.run_id
) as last
where told.run_id = coalesce(%(run_id)s::text, told.run_id)
order by told.business_on desc limit %(last)s

-- name: ranges_done
select slot_from, counts from run_slot where run_id = %(run_id)s

-- name: end_range
insert into run_slot (run_id, slot_from, counts, finished_at, milliseconds)
values (%(run_id)s, %(slot_from)s, %(counts)s, %(finished_at)s, %(milliseconds)s)

-- name: close_day
insert into run (run_id, business_on, counts, finished_at)
values (%(run_id)s, %(business_on)s, %(counts)s, %(finished_at)s)

-- name: messages
select account_id, body from outbox where kind = %(kind)s and occasion = %(occasion)s
order by slot, account_id

-- name: park
with held as (
    select slot, account_id from account_state
    where slot = %(slot)s and account_id = %(account_id)s and version = %(version)s
    for no key update),
aside as (
    insert into parked (slot, account_id, business_on, cause, inputs, parked_at)
    select slot, account_id, %(business_on)s, %(cause)s, %(inputs)s, %(parked_at)s from held
    on conflict do nothing)
select account_id from held

-- name: parked
select account_id, business_on, cause, inputs, parked_at, resolved_at from parked
where (resolved_at is null or %(with_resolved)s)
  and account_id = coalesce(%(account_id)s::text, account_id)
order by parked_number

-- name: unpark
update parked set resolved_at = %(resolved_at)s where account_id = %(account_id)s and resolved_at is null
returning account_id
