-- The statements of one unit of work, each under its name.

-- name: lock
select * from account join account_state using (slot, account_id)
where account_id = %(account_id)s for update of account_state

-- name: lock_of_borrower
select * from account join account_state using (slot, account_id)
where slot = %(slot)s and borrower_id = %(borrower_id)s
order by account_id for update of account_state

-- name: read
select * from account join account_state using (slot, account_id)
join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
    using (slot, account_id)
order by slot, account_id

-- name: events
select account_id, body from event
join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
    using (slot, account_id)
order by slot, account_id, row_number

-- name: posted
select journal.* from journal
join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
    using (slot, account_id)
order by slot, account_id, entry_id, seq

-- name: add_account
insert into account (slot, account_id, borrower_id, product, currency, contract, policy, opened_on)
values (%(slot)s, %(account_id)s, %(borrower_id)s, %(product)s, %(currency)s, %(contract)s,
        %(policy)s, %(opened_on)s)

-- name: add_states
insert into account_state (slot, account_id)
select * from unnest(%(slots)s::smallint[], %(ids)s::text[])

-- name: add_event
with taken as (
    insert into source_reference (channel, source_ref, taken_by)
    values (%(channel)s, %(source_ref)s, 'event') on conflict do nothing returning channel)
insert into event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body,
                   channel, source_ref)
select %(slot)s, %(account_id)s, %(event_id)s, %(type)s, %(value_on)s::date, %(recorded_at)s,
       %(effective_seq)s, %(body)s, %(channel)s, %(source_ref)s
from taken

-- name: copy_sources
copy source_reference (channel, source_ref, taken_by) from stdin

-- name: copy_events
copy event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body, channel,
            source_ref) from stdin

-- name: add_made_events
with new as (
    select * from unnest(%(slot)s::smallint[], %(account_id)s::text[], %(event_id)s::text[],
                         %(type)s::text[], %(value_on)s::date[], %(recorded_at)s::timestamptz[],
                         %(effective_seq)s::bigint[], %(body)s::jsonb[], %(channel)s::text[],
                         %(source_ref)s::text[])
        as made (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body,
                 channel, source_ref)),
taken as (
    insert into source_reference (channel, source_ref, taken_by)
    select channel, source_ref, 'event' from new)
insert into event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body,
                   channel, source_ref)
select * from new

-- name: renew
-- Rows are locked in the order in which everybody locks them, so that nobody waits for each other.
with new as materialized (
    select * from unnest(%(slot)s::smallint[], %(account_id)s::text[], %(version)s::bigint[],
                         %(basis)s::text[], %(next_action_on)s::date[], %(folded_to)s::date[],
                         %(bucket)s::text[], %(five_class)s::text[], %(bureau)s::text[],
                         %(status)s::text[], %(days_past_due)s::integer[],
                         %(principal_minor)s::bigint[], %(payoff_minor)s::bigint[],
                         %(credit_minor)s::bigint[], %(is_non_accrual)s::boolean[])
        as made (slot, account_id, version, basis, next_action_on, folded_to, bucket, five_class,
                 bureau, status, days_past_due, principal_minor, payoff_minor, credit_minor,
                 is_non_accrual)),
held as materialized (
    select state.slot, state.account_id from account_state as state join new using (slot, account_id)
    where state.version = new.version
    order by state.slot, state.account_id for no key update of state)
update account_state as state
set basis = new.basis, next_action_on = new.next_action_on, folded_to = new.folded_to,
    bucket = new.bucket, five_class = new.five_class, bureau = new.bureau, status = new.status,
    days_past_due = new.days_past_due, principal_minor = new.principal_minor,
    payoff_minor = new.payoff_minor, credit_minor = new.credit_minor,
    is_non_accrual = new.is_non_accrual, version = new.version + 1
from new join held using (slot, account_id)
where (state.slot, state.account_id, state.version) = (new.slot, new.account_id, new.version)
returning state.account_id

-- name: keep_columns
insert into account_columns (slot, account_id, currency, layout, terms, orders, rows, events)
select * from unnest(%(slot)s::smallint[], %(account_id)s::text[], %(currency)s::text[],
                     %(layout)s::text[], %(terms)s::bytea[], %(orders)s::bytea[], %(rows)s::bytea[], %(events)s::bytea[])
on conflict (slot, account_id) do update
set layout = excluded.layout, terms = excluded.terms, orders = excluded.orders, rows = excluded.rows,
    events = excluded.events

-- name: add_transitions
-- A later change of a day follows the one before; the same again is no change.
insert into transition (slot, account_id, on_date, what, from_value, to_value, seq)
select told.*, coalesce(last.seq + 1, 0)
from unnest(%(slot)s::smallint[], %(account_id)s::text[], %(on_date)s::date[],
            %(what)s::text[], %(from_value)s::text[], %(to_value)s::text[])
         as told (slot, account_id, on_date, what, from_value, to_value)
left join lateral (
    select seq, to_value from transition
    where (slot, account_id, on_date, what) = (told.slot, told.account_id, told.on_date, told.what)
    order by seq desc limit 1) as last on true
where last.to_value is distinct from told.to_value

-- name: add_messages
insert into outbox (slot, account_id, kind, occasion, body)
select * from unnest(%(slot)s::smallint[], %(account_id)s::text[], %(kind)s::text[],
                     %(occasion)s::text[], %(body)s::jsonb[])
on conflict do nothing

-- name: occasions
select occasion from outbox
where slot = %(slot)s and account_id = %(account_id)s and kind = %(kind)s order by sequence

-- name: copy_journal
copy journal (slot, account_id, entry_id, seq, contract, instalment, component, kind, stage,
              value_on, booked_on, debit_account, credit_account, amount_minor, currency,
              policy) from stdin

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
from account_state where status = 'active' group by bucket, five_class order by bucket, five_class

-- name: statuses
select status, count(*) as accounts from account_state group by status order by status

-- name: worst_loans
select account_id from account join account_state using (slot, account_id)
where status = 'active' and days_past_due > 0 and contract ->> 'kind' is distinct from 'line'
order by days_past_due desc, account_id limit 1
