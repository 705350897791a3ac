-- What an export reads, in one transaction that sees one moment; values are bound by place.

-- name: begin
set transaction isolation level repeatable read, read only

-- name: moment
select system.system_identifier || '/' || checkpoint.timeline_id || '/' || base.oid as book,
       pg_current_snapshot()::text as snapshot,
       (select count(*) from account) as accounts,
       coalesce((select max(business_on) from run), (select min(opened_on) - 1 from account)) as day
from pg_control_system() as system, pg_control_checkpoint() as checkpoint,
     pg_database as base where base.datname = current_database()

-- name: changed_accounts
-- Of an account that is not packed as this program packs come its documents, to be packed now.
select account.slot, account.account_id, product, account.currency, coalesce(contract ->> 'kind', 'loan') as kind,
       opened_on, version, status, folded_to, next_action_on, bucket, five_class, bureau, days_past_due,
       is_non_accrual, principal_minor, payoff_minor, credit_minor,
       case when layout = $3 then terms end as terms, case when layout = $3 then orders end as orders,
       case when layout = $3 then rows end as rows, case when layout = $3 then events end as events,
       case when layout is distinct from $3 then contract::text end as contract,
       case when layout is distinct from $3 then (
           select coalesce(jsonb_agg(body order by row_number), '[]')::text from event
           where (event.slot, event.account_id) = (account.slot, account.account_id)) end as documents
from account join account_state using (slot, account_id)
     left join account_columns using (slot, account_id)
where account.slot >= $1 and account.slot < $2
  and not exists (select from unnest($4::text[], $5::bigint[]) as known (account_id, version)
                  where known.account_id = account.account_id
                    and known.version = account_state.version)
order by account.slot, account.account_id

-- name: events
select event.slot, event.account_id, event_id, type, value_on, event.recorded_at, effective_seq,
       ((body ->> 'amount')::numeric * 10::numeric ^ exponent)::bigint as amount_minor, currency,
       body ->> 'component' as component, (body ->> 'contract')::integer as contract,
       body ->> 'reverses' as reverses, (body ->> 'until')::date as until,
       ((body ->> 'rate')::numeric * $6::integer)::bigint as rate_ppm,
       coalesce(jsonb_array_length(body -> 'rows'), 0) as signed_rows, channel
from event join account using (slot, account_id)
     join unnest($4::text[], $5::integer[]) as unit (currency, exponent) using (currency)
where event.slot >= $1 and event.slot < $2
  and event.written_by >= pg_snapshot_xmin($3::text::pg_snapshot)
  and not pg_visible_in_snapshot(event.written_by, $3::text::pg_snapshot)
order by event.slot, event.account_id, event.row_number

-- name: journal
select slot, account_id, entry_id, seq, contract, instalment, component, kind, stage, value_on,
       booked_on, debit_account, credit_account, amount_minor, currency,
       posting_policy.digest as policy_digest
from journal join posting_policy using (policy)
where slot >= $1 and slot < $2
  and written_by >= pg_snapshot_xmin($3::text::pg_snapshot)
  and not pg_visible_in_snapshot(written_by, $3::text::pg_snapshot)
order by booked_on, slot, account_id, entry_id, seq
