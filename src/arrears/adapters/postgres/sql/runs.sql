-- Closing business: which accounts a day asks for, how far a run has come, who is set aside.

-- name: wait_for_turn
select pg_advisory_lock(hashtextextended('arrears close', 0))

-- name: end_turn
select pg_advisory_unlock(hashtextextended('arrears close', 0))

-- name: last_closed
select business_on, run_id from run order by business_on desc limit 1

-- name: run_of
select run_id from run where business_on = %(business_on)s

-- name: first_opened
select min(opened_on) as opened_on from account

-- name: accounts_due
select slot, account_id from (
    select slot, account_id from account_state where next_action_on <= %(business_on)s
    union
    select slot, account_id from account_state
    where status in ('active', 'charged_off') and basis < %(basis)s
    union
    select slot, account_id from account_state
    where status in ('active', 'charged_off') and basis > %(basis)s
) as due
where slot >= %(slot_from)s and slot < %(slot_until)s
  and not exists (select from parked p
                  where (p.slot, p.account_id) = (due.slot, due.account_id) and p.resolved_at is null)
order by slot, account_id

-- name: open_accounts
select slot, account_id from account_state as account
where (status in ('active', 'charged_off') or next_action_on <= %(business_on)s)
  and slot >= %(slot_from)s and slot < %(slot_until)s
  and not exists (select from parked p
                  where (p.slot, p.account_id) = (account.slot, account.account_id)
                    and p.resolved_at is null)
order by slot, account_id

-- name: holds_more_than
select 1 from account offset %(accounts)s limit 1

-- name: accounts_by_slot
select slot, count(*) as accounts from account_state
where status in ('active', 'charged_off') or next_action_on is not null group by slot

-- name: start_run
insert into run_start (run_id, business_on, started_at, accounts, slot_starts)
values (%(run_id)s, %(business_on)s, %(started_at)s, %(accounts)s, %(slot_starts)s)

-- name: layout_of_run
select slot_starts from run_start where run_id = %(run_id)s

-- name: ranges_done
select slot_from, counts from run_slot where run_id = %(run_id)s

-- name: end_range
insert into run_slot (run_id, slot_from, counts, finished_at)
values (%(run_id)s, %(slot_from)s, %(counts)s, %(finished_at)s)

-- name: close_day
insert into run (run_id, business_on, counts, finished_at)
values (%(run_id)s, %(business_on)s, %(counts)s, %(finished_at)s)

-- name: messages
select account_id, body from outbox where kind = %(kind)s and occasion = %(occasion)s
order by slot, account_id

-- name: park
insert into parked (slot, account_id, business_on, cause, inputs, parked_at)
values (%(slot)s, %(account_id)s, %(business_on)s, %(cause)s, %(inputs)s, %(parked_at)s)
on conflict do nothing

-- name: parked
select account_id, business_on, cause, inputs, parked_at, resolved_at from parked
where (resolved_at is null or %(with_resolved)s)
  and account_id = coalesce(%(account_id)s::text, account_id)
order by parked_number

-- name: unpark
update parked set resolved_at = %(resolved_at)s where account_id = %(account_id)s and resolved_at is null
returning account_id
