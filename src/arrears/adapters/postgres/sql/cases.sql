-- Cases: which accounts make one, how the close renews them, and what is shown of them.

-- name: leave_cases
update case_account as member set left_on = %(on)s
from account_state as state
where member.left_on is null and (state.slot, state.account_id) = (member.slot, member.account_id)
  and state.bucket in ('M0', 'not_in_force')

-- name: open_cases
with overdue as (
    select state.slot, state.account_id, account.borrower_id, state.bucket,
           state.folded_to - state.days_past_due as due_on
    from account_state as state join account using (slot, account_id)
    where state.bucket not in ('M0', 'not_in_force')
      and not exists (select from case_account as member
                      where (member.slot, member.account_id) = (state.slot, state.account_id)
                        and member.left_on is null)),
opened as (
    insert into recovery_case (slot, case_id, borrower_id, opened_on, anchor_on, bucket)
    select slot, 'case/' || borrower_id || '/' || %(on)s::date, borrower_id, %(on)s, min(due_on),
           (array_agg(bucket order by due_on))[1]
    from overdue
    group by slot, borrower_id
    on conflict (slot, borrower_id) where closed_on is null do nothing
    returning slot, case_id, borrower_id, bucket),
told as (
    insert into case_change (slot, case_id, on_date, what, from_value, to_value)
    select slot, case_id, %(on)s, 'opened', '', bucket from opened),
standing as (
    select slot, case_id, borrower_id from opened
    union all
    select slot, case_id, borrower_id from recovery_case where closed_on is null)
insert into case_account (slot, case_id, account_id, joined_on)
select slot, case_id, account_id, %(on)s from overdue join standing using (slot, borrower_id)

-- name: renew_cases
with now as (
    select member.slot, member.case_id, min(state.folded_to - state.days_past_due) as anchor_on,
           (array_agg(state.bucket order by state.folded_to - state.days_past_due))[1] as bucket
    from case_account as member join account_state as state using (slot, account_id)
    where member.left_on is null
    group by member.slot, member.case_id),
changed as (
    select slot, case_id, before.anchor_on as anchor_before, before.bucket as bucket_before,
           now.anchor_on, now.bucket
    from recovery_case as before join now using (slot, case_id)
    where before.closed_on is null
      and (before.anchor_on, before.bucket) is distinct from (now.anchor_on, now.bucket)),
renewed as (
    update recovery_case as standing set anchor_on = changed.anchor_on, bucket = changed.bucket
    from changed where (standing.slot, standing.case_id) = (changed.slot, changed.case_id))
insert into case_change (slot, case_id, on_date, what, from_value, to_value)
select slot, case_id, %(on)s, 'anchor', anchor_before::text, anchor_on::text from changed
where anchor_before <> anchor_on
union all
select slot, case_id, %(on)s, 'bucket', bucket_before, bucket from changed
where bucket_before <> bucket

-- name: close_cases
with ended as (
    select standing.slot, standing.case_id,
           case when bool_and(state.status not in ('active', 'charged_off')) then 'settled'
                when bool_or(state.days_past_due > 0) then 'held_off'
                else 'paid_up' end as closed_for
    from recovery_case as standing
    join case_account as member using (slot, case_id) join account_state as state using (slot, account_id)
    where standing.closed_on is null
    group by standing.slot, standing.case_id
    having bool_and(member.left_on is not null)),
closed as (
    update recovery_case as standing
    set closed_on = %(on)s, closed_for = ended.closed_for, taken_by = null, taken_until = null
    from ended where (standing.slot, standing.case_id) = (ended.slot, ended.case_id))
insert into case_change (slot, case_id, on_date, what, from_value, to_value)
select slot, case_id, %(on)s, 'closed', '', closed_for from ended

-- name: cases
select standing.case_id, standing.borrower_id, standing.opened_on, standing.anchor_on, standing.bucket,
       standing.closed_on, standing.closed_for, standing.reason, standing.not_before, standing.taken_by,
       standing.taken_until,
       (select coalesce(array_agg(distinct member.account_id), '{}') from case_account as member
        where (member.slot, member.case_id) = (standing.slot, standing.case_id)
          and (member.left_on is null or standing.closed_on is not null)) as account_ids
from recovery_case as standing
where (standing.closed_on is null or %(with_closed)s)
  and standing.case_id = coalesce(%(case_id)s::text, standing.case_id)
  and standing.borrower_id = coalesce(%(borrower_id)s::text, standing.borrower_id)
order by standing.anchor_on, standing.case_id

-- name: case_changes
select on_date, what, from_value, to_value from case_change
where slot = %(slot)s and case_id = %(case_id)s
order by on_date, what
