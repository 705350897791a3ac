-- A file of payments: accounts found and held, lines looked up and taken, many at once.

-- name: places_of
select account_id, slot, currency from account where account_id = any (%(account_ids)s::text[])

-- name: hold
select state.slot, state.account_id
from account_state as state
     join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
         using (slot, account_id)
order by state.slot, state.account_id for no key update of state

-- name: parked_of
-- Asked when the accounts are held: who was taken back while we waited for them is not parked any more.
select account_id
from parked join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
    using (slot, account_id)
where resolved_at is null

-- name: lines_taken
select channel, source_ref, event.account_id, receipt_id,
       case taken_by when 'event' then event.type when 'receipt' then 'repaid' end as type,
       body ->> 'amount' as amount, receipt.amount_minor, currency,
       coalesce(event.value_on, receipt.value_on)::text as on, body ->> 'reverses' as reverses
from unnest(%(channels)s::text[], %(refs)s::text[]) as wanted (channel, source_ref)
     join source_reference using (channel, source_ref)
     left join event using (channel, source_ref)
     left join receipt using (channel, source_ref)

-- name: take_lines
insert into source_reference (channel, source_ref, taken_by)
select channel, source_ref, 'event'
from unnest(%(channels)s::text[], %(refs)s::text[]) as wanted (channel, source_ref)
order by channel, source_ref
on conflict do nothing

-- name: notices_of
select account_id, array_agg(occasion order by sequence) as occasions
from unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
     join outbox using (slot, account_id)
where kind = %(notice)s group by account_id

-- name: known_otherwise
select distinct account_id
from unnest(%(slots)s::smallint[], %(ids)s::text[], %(event_ids)s::text[], %(days)s::date[])
         as wanted (slot, account_id, event_id, on_date)
where exists (select from event
              where (event.slot, event.account_id, event.event_id)
                  = (wanted.slot, wanted.account_id, wanted.event_id))
   or exists (select from outbox
              where (outbox.slot, outbox.account_id) = (wanted.slot, wanted.account_id)
                and kind = %(notice)s and split_part(occasion, '/', 2)::date >= on_date)

-- name: read_held
select slot, account_id, currency, version, folded_to, next_action_on, bucket, five_class, bureau,
       is_non_accrual, credit_minor, basis = %(basis)s as is_current, layout, terms, orders, rows, events
from unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
     join account_state using (slot, account_id)
     left join account_columns using (slot, account_id)
order by slot, account_id

-- name: append_columns
update account_columns as columns set events = columns.events || added.events
from unnest(%(slots)s::smallint[], %(ids)s::text[], %(events)s::bytea[])
         as added (slot, account_id, events)
where (columns.slot, columns.account_id) = (added.slot, added.account_id)
