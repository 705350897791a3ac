-- Money to be paid back and money asked for: tasks and requests, and how they ended.

-- name: renew_refund_tasks
with wanted as (
    select * from unnest(%(slot)s::smallint[], %(account_id)s::text[], %(version)s::bigint[],
                         %(refundable_minor)s::bigint[], %(currency)s::text[], %(opened_on)s::date[])
         as wanted (slot, account_id, version, refundable_minor, currency, opened_on)),
standing as (
    select task.task_id, wanted.slot, wanted.account_id, wanted.opened_on,
           task.amount_minor = wanted.refundable_minor as holds
    from wanted join refund_task as task using (slot, account_id)
    where not exists (select from refund_task_end as ended where ended.task_id = task.task_id)),
withdrawn as (
    insert into refund_task_end (task_id, outcome, ended_on)
    select task_id, 'withdrawn', opened_on from standing where not holds),
opened as (
    insert into refund_task (task_id, slot, account_id, amount_minor, currency, opened_on)
    select 'refund/' || account_id || '/' || version, slot, account_id, refundable_minor, currency,
           opened_on
    from wanted
    where refundable_minor > 0
      and not exists (select from standing where holds and (standing.slot, standing.account_id)
                                                         = (wanted.slot, wanted.account_id))
    returning task_id, slot, account_id, amount_minor, currency)
insert into outbox (slot, account_id, kind, occasion, body)
select slot, account_id, 'pay_back', task_id,
       jsonb_build_object('amount_minor', amount_minor, 'currency', currency)
from opened

-- name: add_refund_task
with opened as (
    insert into refund_task (task_id, receipt_id, amount_minor, currency, opened_on)
    values (%(task_id)s, %(receipt_id)s, %(amount_minor)s, %(currency)s, %(opened_on)s))
insert into outbox (slot, account_id, kind, occasion, body)
values (0, '', 'pay_back', %(task_id)s,
        jsonb_build_object('amount_minor', %(amount_minor)s::bigint, 'currency', %(currency)s::text,
                           'receipt_id', %(receipt_id)s::text))

-- name: refund_tasks
select task.task_id, account_id, receipt_id, amount_minor, currency, opened_on,
       coalesce(outcome, 'open') as status, ended_on
from refund_task as task left join refund_task_end using (task_id)
where task.task_id = coalesce(%(task_id)s::text, task.task_id)
  and (%(accounts)s::text[] is null or account_id = any (%(accounts)s::text[]))
  and (outcome is null or %(with_ended)s)
order by opened_at, task.task_id

-- name: end_refund_task
insert into refund_task_end (task_id, outcome, ended_on, channel, source_ref)
values (%(task_id)s, 'paid', %(ended_on)s, %(channel)s, %(source_ref)s)

-- name: take_line
insert into source_reference (channel, source_ref, taken_by)
values (%(channel)s, %(source_ref)s, 'refund') on conflict do nothing returning channel

-- name: add_collection
insert into collection (request_id, slot, account_id, amount_minor, currency, draw_on, asked_at)
values (%(request_id)s, %(slot)s, %(account_id)s, %(amount_minor)s, %(currency)s, %(draw_on)s,
        %(asked_at)s)

-- name: instruct
insert into outbox (slot, account_id, kind, occasion, body)
values (%(slot)s, %(account_id)s, %(kind)s, %(occasion)s, %(body)s)

-- name: collections
select request_id, account_id, amount_minor, currency, draw_on, coalesce(outcome, 'waiting') as status
from collection left join collection_end using (request_id)
where request_id = coalesce(%(request_id)s::text, request_id)
  and account_id = coalesce(%(account_id)s::text, account_id)
  and (outcome is null or %(with_ended)s)
order by asked_at, request_id

-- name: end_collection
insert into collection_end (request_id, outcome, event_id, ended_at)
values (%(request_id)s, %(outcome)s, %(event_id)s, %(ended_at)s)
on conflict do nothing returning request_id
