-- Loading a whole book into an empty database: everything that slows a COPY stands aside meanwhile.

-- name: has_accounts
select exists (select from account) as found

-- name: room_to_sort
set local maintenance_work_mem = '512MB'

-- name: constraints
select conrelid::regclass::text as table_name, conname as name, contype::text as kind,
       pg_get_constraintdef(oid) as definition
from pg_constraint
where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f')
  and (conrelid = any (%(tables)s::text[]::regclass[])
       or confrelid = any (%(tables)s::text[]::regclass[]))
order by contype = 'f', table_name, name

-- name: indexes
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
from pg_index
where indrelid = any (%(tables)s::text[]::regclass[])
  and not exists (select from pg_constraint where conindid = indexrelid)
order by name

-- name: copy_account
copy account (slot, account_id, borrower_id, product, currency, contract, policy, opened_on,
              recorded_at) from stdin (freeze)

-- name: copy_account_state
copy account_state (slot, account_id, version, basis, next_action_on, folded_to, bucket, five_class,
                    bureau, status, days_past_due, principal_minor, payoff_minor, credit_minor,
                    is_non_accrual) from stdin (freeze)

-- name: copy_account_columns
copy account_columns (slot, account_id, currency, layout, terms, orders, rows, events)
from stdin (format binary, freeze)

-- name: copy_source_reference
copy source_reference (channel, source_ref, taken_by) from stdin (freeze)

-- name: copy_event
copy event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body, channel,
            source_ref) from stdin (freeze)

-- name: copy_journal
copy journal (slot, account_id, entry_id, seq, contract, instalment, component, kind, stage,
              value_on, booked_on, debit_account, credit_account, amount_minor, currency, policy,
              recorded_at) from stdin (format binary, freeze)

-- name: copy_transition
copy transition (slot, account_id, on_date, what, from_value, to_value) from stdin (freeze)

-- name: copy_outbox
copy outbox (slot, account_id, kind, occasion, body) from stdin (freeze)
