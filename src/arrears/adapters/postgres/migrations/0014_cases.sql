-- One case a borrower, over all accounts that are overdue; the close opens it, re-anchors it and closes it.

create table recovery_case (
    slot smallint not null check (slot between 0 and 4095),
    case_id text not null,
    borrower_id text not null,
    opened_on date not null,
    anchor_on date not null,
    bucket text not null,
    closed_on date,
    closed_for text check (closed_for in ('settled', 'paid_up', 'held_off')),
    reason text not null default 'never_spoken',
    not_before date,
    taken_by text,
    taken_until timestamptz,
    primary key (slot, case_id),
    constraint recovery_case_ends_for_a_reason check ((closed_on is null) = (closed_for is null)),
    constraint recovery_case_is_taken_until check ((taken_by is null) = (taken_until is null))
);
create unique index recovery_case_once on recovery_case (slot, borrower_id) where closed_on is null;
create unique index recovery_case_id_once on recovery_case (case_id);

-- Which accounts made it a case, and since when; one account is in one case at a time.
create table case_account (
    slot smallint not null,
    case_id text not null,
    account_id text not null,
    joined_on date not null,
    left_on date,
    primary key (slot, case_id, account_id, joined_on),
    foreign key (slot, case_id) references recovery_case,
    foreign key (slot, account_id) references account
);
create unique index case_account_once on case_account (slot, account_id) where left_on is null;

-- How a case came to stand as it does, a row for each change that a close made.
create table case_change (
    slot smallint not null,
    case_id text not null,
    on_date date not null,
    what text not null check (what in ('opened', 'anchor', 'bucket', 'closed')),
    from_value text not null,
    to_value text not null,
    primary key (slot, case_id, on_date, what),
    foreign key (slot, case_id) references recovery_case
);

-- Few accounts are overdue: a close finds them without reading those that are not.
create index account_state_overdue on account_state (slot, account_id)
    where bucket not in ('M0', 'not_in_force');

grant select, insert on recovery_case, case_account, case_change to arrears_app;
grant update (anchor_on, bucket, closed_on, closed_for, reason, not_before, taken_by, taken_until)
    on recovery_case to arrears_app;
grant update (left_on) on case_account to arrears_app;
grant select on recovery_case, case_account, case_change to arrears_reader;
create trigger never_gone before delete or truncate on recovery_case
    for each statement execute function refuse_change();
create trigger never_gone before delete or truncate on case_account
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on case_change
    for each statement execute function refuse_change();

-- check: who a case is of is nobody's to change, and what a close changed is only added to
do $$
begin
    if has_column_privilege('arrears_app', 'recovery_case', 'borrower_id', 'update')
        or has_any_column_privilege('arrears_app', 'case_change', 'update')
        or has_table_privilege('arrears_app', 'recovery_case', 'delete')
    then
        raise exception 'migration 0014: cases can be rewritten';
    end if;
end
$$;
