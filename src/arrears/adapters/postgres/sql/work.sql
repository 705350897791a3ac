-- The statements of one unit of work, each under its name.

-- name: last_closed
select business_on, run_id from run order by business_on desc limit 1

-- name: run_of
select run_id from run where business_on = %(business_on)s

-- name: lock
select * from account where account_id = %(account_id)s for update

-- name: accounts_due
select slot, account_id from account
where (next_action_on <= %(business_on)s
       or (basis <> %(basis)s and status in ('active', 'charged_off')))
  and not exists (select 1 from parked p where p.slot = account.slot and p.account_id = account.account_id)
order by slot, account_id

-- name: open_accounts
select slot, account_id from account
where status in ('active', 'charged_off')
  and not exists (select 1 from parked p where p.slot = account.slot and p.account_id = account.account_id)
order by slot, account_id

-- name: read
select account.* from account
join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
    using (slot, account_id)
order by slot, account_id

-- name: events
select account_id, body from event
join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
    using (slot, account_id)
order by slot, account_id, value_on, row_number

-- name: posted
select journal.* from journal
join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
    using (slot, account_id)
order by slot, account_id, entry_id, seq

-- name: add_account
insert into account (slot, account_id, borrower_id, product, currency, contract, opened_on)
values (%(slot)s, %(account_id)s, %(borrower_id)s, %(product)s, %(currency)s, %(contract)s,
        %(opened_on)s)

-- name: add_event
with taken as (
    insert into source_reference (channel, source_ref, taken_by)
    values (%(channel)s, %(source_ref)s, 'event') on conflict do nothing returning channel)
insert into event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body,
                   channel, source_ref)
select %(slot)s, %(account_id)s, %(event_id)s, %(type)s, %(value_on)s::date, %(recorded_at)s,
       %(effective_seq)s, %(body)s, %(channel)s, %(source_ref)s
from taken

-- name: touch
update account
set version = version + 1,
    next_action_on = least(next_action_on, %(value_on)s)
where slot = %(slot)s and account_id = %(account_id)s
returning version

-- name: renew
update account
set basis = %(basis)s, next_action_on = %(next_action_on)s, folded_to = %(folded_to)s,
    bucket = %(bucket)s, five_class = %(five_class)s, bureau = %(bureau)s, status = %(status)s,
    days_past_due = %(days_past_due)s, principal_minor = %(principal_minor)s,
    payoff_minor = %(payoff_minor)s, credit_minor = %(credit_minor)s,
    is_non_accrual = %(is_non_accrual)s, version = version + 1
where slot = %(slot)s and account_id = %(account_id)s and version = %(version)s
returning account_id

-- name: add_transition
insert into transition (slot, account_id, on_date, what, from_value, to_value)
values (%(slot)s, %(account_id)s, %(on_date)s, %(what)s, %(from_value)s, %(to_value)s)
on conflict do nothing

-- name: add_message
insert into outbox (slot, account_id, kind, occasion, body)
values (%(slot)s, %(account_id)s, %(kind)s, %(occasion)s, %(body)s)
on conflict do nothing

-- name: copy_journal
copy journal (slot, account_id, entry_id, seq, contract, instalment, component, kind, stage,
              value_on, booked_on, debit_account, credit_account, amount_minor, currency,
              policy_digest) from stdin

-- name: park
insert into parked (slot, account_id, business_on, cause, inputs)
values (%(slot)s, %(account_id)s, %(business_on)s, %(cause)s, %(inputs)s)
on conflict do nothing

-- name: parked
select account_id, business_on, cause from parked order by slot, account_id

-- name: unpark
delete from parked where account_id = %(account_id)s

-- name: close_day
insert into run (run_id, business_on, counts) values (%(run_id)s, %(business_on)s, %(counts)s)

-- name: remembered
select body_digest, answer from idempotency
where caller = %(caller)s and command = %(command)s and key = %(key)s

-- name: remember
insert into idempotency (caller, command, key, body_digest, answer)
values (%(caller)s, %(command)s, %(key)s, %(body_digest)s, %(answer)s)

-- name: wait_for_key
select pg_advisory_xact_lock(hashtextextended(%(key)s, 0))

-- name: totals
select currency, account, sum(debit_minor)::bigint as debit_minor,
       sum(credit_minor)::bigint as credit_minor
from (select currency, debit_account as account, amount_minor as debit_minor, 0 as credit_minor
      from journal
      union all
      select currency, credit_account, 0, amount_minor from journal) as halves
group by currency, account

-- name: buckets
select bucket, five_class, count(*) as accounts, sum(principal_minor)::bigint as principal_minor
from account where status = 'active' group by bucket, five_class order by bucket, five_class

-- name: statuses
select status, count(*) as accounts from account group by status order by status

-- name: worst_accounts
select account_id from account where status = 'active' and days_past_due > 0
order by days_past_due desc, account_id limit 1

-- name: unsealed
select * from journal
where row_number > coalesce((select max(last_row) from seal_batch), 0)
  and written_by < pg_snapshot_xmin(pg_current_snapshot())
order by row_number limit %(most)s

-- name: unsealed_count
select count(*) as rows from journal
where row_number > coalesce((select max(last_row) from seal_batch), 0)

-- name: add_batch
insert into seal_batch (batch, first_row, last_row, leaf_hashes, root, chained_root)
values (%(batch)s, %(first_row)s, %(last_row)s, %(leaf_hashes)s, %(root)s, %(chained_root)s)

-- name: batches
select * from seal_batch order by batch

-- name: sealed_rows
select * from journal where row_number between %(first_row)s and %(last_row)s order by row_number
