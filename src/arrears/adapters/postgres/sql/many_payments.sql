-- A file of payments: accounts found and held, lines looked up and taken, many at once.

-- name: slots_of
select account_id, slot from account where account_id = any (%(account_ids)s::text[])

-- name: hold
with held as materialized (
    select state.slot, state.account_id
    from account_state as state
         join unnest(%(slots)s::smallint[], %(ids)s::text[]) as wanted (slot, account_id)
             using (slot, account_id)
    order by state.slot, state.account_id for no key update of state)
select account_id, exists (select from parked
                           where (parked.slot, parked.account_id) = (held.slot, held.account_id)
                             and resolved_at is null) as is_parked
from held

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
on conflict do nothing
