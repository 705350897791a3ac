-- Accounts in columns: a range read at once, and written at once.

-- name: read_batch
select slot, account_id, currency, version, folded_to, next_action_on, bucket, five_class, bureau,
       is_non_accrual, credit_minor, basis = %(basis)s as is_current, layout, terms, orders, rows, events
from account_state as state left join account_columns using (slot, account_id)
where (next_action_on <= %(business_on)s
       or %(every_open)s and status in ('active', 'charged_off')
       or %(other_basis)s and status in ('active', 'charged_off') and basis <> %(basis)s)
  and coalesce(folded_to <= %(business_on)s, true)
  and slot >= %(slot_from)s and slot < %(slot_until)s
  and not exists (select from parked
                  where (parked.slot, parked.account_id) = (state.slot, state.account_id)
                    and parked.resolved_at is null)
order by slot, account_id

-- name: read_posted
select position, contract, instalment, component, kind, value_on - date '1970-01-01' as value_day, stage,
       debit_account, credit_account, amount_minor
from unnest(%(positions)s::integer[], %(slots)s::smallint[], %(ids)s::text[], %(since)s::bigint[])
         as wanted (position, slot, account_id, since)
     join journal using (slot, account_id)
where value_on - date '1970-01-01' >= since
order by position

-- name: make_room
create temporary table if not exists renewed (
    position integer, slot smallint, account_id text, version bigint, basis text, next_action_on date,
    folded_to date, bucket text, five_class text, bureau text, status text, days_past_due integer,
    principal_minor bigint, payoff_minor bigint, credit_minor bigint, is_non_accrual boolean
) on commit delete rows;
create temporary table if not exists told (
    slot smallint, account_id text, kind text, occasion text, body jsonb
) on commit delete rows;
create temporary table if not exists turned (
    slot smallint, account_id text, on_date date, what text, from_value text, to_value text
) on commit delete rows;
create temporary table if not exists made (
    slot smallint, account_id text, event_id text, type text, value_on date, recorded_at timestamptz,
    effective_seq bigint, body jsonb, channel text, source_ref text, rows bytea, events bytea
) on commit delete rows;
delete from renewed;
delete from told;
delete from turned;
delete from made

-- name: copy_renewed
copy renewed from stdin (format csv)

-- name: copy_told
copy told from stdin (format csv)

-- name: copy_turned
copy turned from stdin (format csv)

-- name: copy_made
copy made from stdin (format csv)

-- name: in_order
-- Rows are renewed in the order in which they were copied, which is that of their keys. Everybody locks accounts
-- in that order where it can; who waits for each other all the same begins again.
set local enable_hashjoin = off;
set local enable_mergejoin = off

-- name: renew
update account_state as state
set basis = renewed.basis, next_action_on = renewed.next_action_on, folded_to = renewed.folded_to,
    bucket = renewed.bucket, five_class = renewed.five_class, bureau = renewed.bureau,
    status = renewed.status, days_past_due = renewed.days_past_due,
    principal_minor = renewed.principal_minor, payoff_minor = renewed.payoff_minor,
    credit_minor = renewed.credit_minor, is_non_accrual = renewed.is_non_accrual,
    version = renewed.version + 1
from renewed
where (state.slot, state.account_id, state.version)
    = (renewed.slot, renewed.account_id, renewed.version)
returning position

-- name: any_order
set local enable_hashjoin = on;
set local enable_mergejoin = on

-- name: copy_journal
copy journal (slot, account_id, entry_id, seq, contract, instalment, component, kind, stage, value_on,
              booked_on, debit_account, credit_account, amount_minor, currency, policy)
from stdin (format csv)

-- name: add_told
insert into outbox (slot, account_id, kind, occasion, body)
select slot, account_id, kind, occasion, body from told on conflict do nothing

-- name: add_turned
insert into transition (slot, account_id, on_date, what, from_value, to_value, seq)
select told.slot, told.account_id, told.on_date, told.what, told.from_value, told.to_value,
       coalesce(last.seq + 1, 0)
from turned as told
left join lateral (
    select seq, to_value from transition
    where (slot, account_id, on_date, what) = (told.slot, told.account_id, told.on_date, told.what)
    order by seq desc limit 1) as last on true
where last.to_value is distinct from told.to_value

-- name: add_made
with taken as (
    insert into source_reference (channel, source_ref, taken_by)
    select channel, source_ref, 'event' from made),
kept as (
    update account_columns as columns
    set rows = columns.rows || made.rows, events = columns.events || made.events
    from made where (columns.slot, columns.account_id) = (made.slot, made.account_id))
insert into event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body,
                   channel, source_ref)
select slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body, channel, source_ref
from made
