-- A payment by the short way: all it needs to know in one exchange, all it writes in another.

-- name: hold
select account.slot, account.account_id, borrower_id, product, currency, opened_on, version, basis,
       next_action_on, folded_to, bucket, five_class, bureau, is_non_accrual, status
from account join account_state using (slot, account_id)
where account_id = %(account_id)s for update of account_state

-- name: claim
-- Only for a command that is new and an account that can be folded: else more is to be looked at.
insert into source_reference (channel, source_ref, taken_by)
select %(channel)s, %(source_ref)s, 'event'
where exists (select from account where account_id = %(account_id)s)
  and not exists (select from parked where account_id = %(account_id)s and resolved_at is null)
  and not exists (select from idempotency
                  where (caller, command, key) = (%(caller)s, %(command)s, %(key)s))
on conflict do nothing returning channel

-- name: look
select (select held.business_on from hold_open_day() as held) as last_closed_on,
       (select policy from posting_policy where digest = %(policy_digest)s) is not null as knows_policy,
       exists (select from refund_task as task
               where (task.slot, task.account_id) = (account.slot, account.account_id)
                 and not exists (select from refund_task_end as ended
                                 where ended.task_id = task.task_id)) as has_refund_task,
       array(select occasion from outbox
             where (outbox.slot, outbox.account_id) = (account.slot, account.account_id)
               and kind = %(notice)s order by sequence) as occasions,
       array(select event_id from event
             where (event.slot, event.account_id) = (account.slot, account.account_id)
             order by row_number) as event_ids,
       (select jsonb_build_array(body_digest, answer) from idempotency
        where (caller, command, key) = (%(caller)s, %(command)s, %(key)s)) as before,
       layout, terms, orders, rows, events
from (values (%(account_id)s)) as asked (account_id)
     left join account using (account_id)
     left join account_columns using (slot, account_id)

-- name: posted_from
select contract, instalment, component, kind, stage, value_on, debit_account, credit_account,
       sum(amount_minor)::bigint as amount_minor
from journal join account_state using (slot, account_id)
where slot = (select slot from account where account_id = %(account_id)s)
  and account_id = %(account_id)s
  and value_on >= case when basis = %(basis)s then least(%(value_on)s, folded_to + 1)
                       else '-infinity' end
group by contract, instalment, component, kind, stage, value_on, debit_account, credit_account

-- name: record
with recorded as (
    insert into event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body,
                       channel, source_ref)
    values (%(slot)s, %(account_id)s, %(event_id)s, %(type)s, %(event_on)s, %(recorded_at)s,
            %(effective_seq)s, %(body)s, %(channel)s, %(source_ref)s)),
kept as (
    update account_columns set events = %(events)s
    where (slot, account_id) = (%(slot)s, %(account_id)s)),
posted as (
    insert into journal (slot, account_id, entry_id, seq, contract, instalment, component, kind,
                         stage, value_on, booked_on, debit_account, credit_account, amount_minor,
                         currency, policy)
    select %(slot)s, %(account_id)s, %(entry_id)s, seq, row.contract, row.instalment,
           row.component, row.kind, row.stage, row.value_on, %(booked_on)s, row.debit_account,
           row.credit_account, row.amount_minor, %(currency)s,
           (select policy from posting_policy where digest = %(policy_digest)s)
    from unnest(%(contract)s::integer[], %(instalment)s::integer[], %(component)s::smallint[],
                %(kind)s::smallint[], %(stage)s::smallint[], %(value_on)s::date[],
                %(debit_account)s::text[], %(credit_account)s::text[], %(amount_minor)s::bigint[])
         with ordinality as row (contract, instalment, component, kind, stage, value_on,
                                 debit_account, credit_account, amount_minor, seq)),
remembered as (
    insert into idempotency (caller, command, key, body_digest, answer)
    values (%(caller)s, %(command)s, %(key)s, %(body_digest)s, %(answer)s))
update account_state
set basis = %(basis)s, next_action_on = %(next_action_on)s, folded_to = %(folded_to)s,
    bucket = %(bucket)s, five_class = %(five_class)s, bureau = %(bureau)s, status = %(status)s,
    days_past_due = %(days_past_due)s, principal_minor = %(principal_minor)s,
    payoff_minor = %(payoff_minor)s, credit_minor = %(credit_minor)s,
    is_non_accrual = %(is_non_accrual)s, version = version + 1
where (slot, account_id, version) = (%(slot)s, %(account_id)s, %(version)s)
returning version
