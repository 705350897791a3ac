-- The end of a period: the journal added up, range by range.

-- name: summed_journal
-- The first row says which transactions this very statement sees, and which one it belongs to.
copy (
    select -1 as slot, '' as account_id, '' as currency, 0 as component,
           pg_current_snapshot()::text as debit_account, pg_current_xact_id()::text as credit_account,
           0 as amount_minor, 0 as booked_minor
    union all
    select slot, account_id, currency, component, debit_account, credit_account,
           sum(amount_minor)::bigint,
           coalesce(sum(amount_minor) filter (where booked_on <= %(booked_to)s), 0)::bigint
    from journal
    where slot >= %(slot_from)s and slot < %(slot_until)s
    group by slot, account_id, currency, component, debit_account, credit_account
) to stdout (format csv)

-- name: parked_ids
select account_id from parked where resolved_at is null
