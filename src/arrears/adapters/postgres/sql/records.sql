-- Products, commitments to persons, and money without a name.

-- name: add_product
insert into product (code, version, body) values (%(code)s, %(version)s, %(body)s)
on conflict do nothing returning version

-- name: product
select version, body from product
where code = %(code)s and version = coalesce(%(version)s::integer, version)
order by version desc limit 1

-- name: products
select code, version, body from product
where code = coalesce(%(code)s::text, code) order by code, version

-- name: keep_snapshot
insert into policy_snapshot (digest, body) values (%(digest)s, %(body)s) on conflict do nothing

-- name: snapshot
select body from policy_snapshot where digest = %(digest)s

-- name: commit_to
with committed as (
    insert into borrower (slot, borrower_id, commitment)
    values (%(slot)s, %(borrower_id)s, %(commitment)s) on conflict do nothing returning borrower_id)
insert into borrower_salt (slot, borrower_id, salt)
select %(slot)s, %(borrower_id)s, %(salt)s from committed
returning borrower_id

-- name: commitment
select commitment, salt from borrower join borrower_salt using (slot, borrower_id)
where slot = %(slot)s and borrower_id = %(borrower_id)s

-- name: forget
delete from borrower_salt where slot = %(slot)s and borrower_id = %(borrower_id)s
returning borrower_id

-- name: add_receipt
with taken as (
    insert into source_reference (channel, source_ref, taken_by)
    values (%(channel)s, %(source_ref)s, 'receipt') on conflict do nothing returning channel)
insert into receipt (receipt_id, channel, source_ref, amount_minor, currency, value_on, hint, recorded_at)
select %(receipt_id)s, %(channel)s, %(source_ref)s, %(amount_minor)s, %(currency)s, %(value_on)s,
       %(hint)s, %(recorded_at)s
from taken
returning receipt_id

-- name: take_receipt
select pg_advisory_xact_lock(hashtextextended('arrears receipt ' || %(receipt_id)s, 0))

-- name: receipt
select receipt_id, channel, source_ref, amount_minor, currency, value_on, hint
from receipt where receipt_id = %(receipt_id)s

-- name: resolutions
select kind, amount_minor, account_id, event_id from receipt_resolution
where receipt_id = %(receipt_id)s order by seq

-- name: resolve
insert into receipt_resolution (receipt_id, seq, kind, amount_minor, account_id, event_id, recorded_at)
select %(receipt_id)s, count(*) + 1, %(kind)s, %(amount_minor)s, %(account_id)s, %(event_id)s,
       %(recorded_at)s
from receipt_resolution where receipt_id = %(receipt_id)s

-- name: open_receipts
select receipt_id, channel, source_ref, amount_minor, currency, value_on, hint,
       (amount_minor - coalesce(resolved, 0))::bigint as left_minor
from receipt
left join (select receipt_id, sum(amount_minor) as resolved from receipt_resolution
           group by receipt_id) as parts using (receipt_id)
where amount_minor > coalesce(resolved, 0)
order by value_on, receipt_id

-- name: taken_by
select account_id, event_id, body ->> 'amount' as amount, null as receipt_id, null as task_id
from event where channel = %(channel)s and source_ref = %(source_ref)s
union all
select null, null, null, receipt_id, null
from receipt where channel = %(channel)s and source_ref = %(source_ref)s
union all
select null, null, null, receipt_id, task_id
from refund_task join refund_task_end using (task_id)
where channel = %(channel)s and source_ref = %(source_ref)s and receipt_id is not null

-- name: book_beside
insert into journal (slot, account_id, entry_id, seq, contract, instalment, component, kind, stage,
                     value_on, booked_on, debit_account, credit_account, amount_minor, currency,
                     policy)
values (0, '', %(entry_id)s, %(seq)s, %(contract)s, %(instalment)s, %(component)s, %(kind)s, %(stage)s,
        %(value_on)s, %(booked_on)s, %(debit_account)s, %(credit_account)s, %(amount_minor)s,
        %(currency)s, %(policy)s)

-- name: policy_number
select policy from posting_policy where digest = %(digest)s

-- name: add_policy
insert into posting_policy (digest) values (%(digest)s) on conflict do nothing
