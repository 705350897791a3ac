-- What changes daily stands apart from what was signed; the fold's input is kept packed; rows are smaller.

-- The caches of an account: small rows and few indexes, for a close renews them by the thousand.
create table account_state (
    slot smallint not null,
    account_id text not null,
    version bigint not null default 1,
    basis text not null default '',
    next_action_on date,
    folded_to date,
    bucket text not null default 'M0',
    five_class text not null default 'normal',
    bureau text not null default 'N',
    status text not null default 'active',
    days_past_due integer not null default 0,
    principal_minor bigint not null default 0,
    payoff_minor bigint not null default 0,
    credit_minor bigint not null default 0,
    is_non_accrual boolean not null default false,
    primary key (slot, account_id),
    foreign key (slot, account_id) references account
);
insert into account_state
select slot, account_id, version, basis, next_action_on, folded_to, bucket, five_class, bureau, status,
       days_past_due, principal_minor, payoff_minor, credit_minor, is_non_accrual
from account;
create index account_state_next_action on account_state (next_action_on, slot)
    where next_action_on is not null;
drop index account_next_action;
drop index account_basis;
alter table account
    drop column version, drop column basis, drop column next_action_on, drop column folded_to,
    drop column bucket, drop column five_class, drop column bureau, drop column status,
    drop column days_past_due, drop column principal_minor, drop column payoff_minor,
    drop column credit_minor, drop column is_non_accrual;
drop trigger facts_stay on account;
drop trigger never_gone on account;
create trigger append_only before update or delete or truncate on account
    for each statement execute function refuse_change();
grant select, insert on account_state to arrears_app;
grant update (version, basis, next_action_on, folded_to, bucket, five_class, bureau, status,
              days_past_due, principal_minor, payoff_minor, credit_minor, is_non_accrual)
    on account_state to arrears_app;
grant select on account_state to arrears_reader;
create trigger never_gone before delete or truncate on account_state
    for each statement execute function refuse_change();

-- The fold's own input, packed: int64, little-endian, in the columns of one layout of the program.
create table account_columns (
    slot smallint not null,
    account_id text not null,
    currency text not null,
    layout text not null,
    terms bytea not null,
    orders bytea not null,
    rows bytea not null,
    events bytea not null,
    primary key (slot, account_id),
    foreign key (slot, account_id) references account
);
grant select, insert on account_columns to arrears_app;
grant update (layout, terms, orders, rows, events) on account_columns to arrears_app;
grant select on account_columns to arrears_reader;
create trigger never_gone before delete or truncate on account_columns
    for each statement execute function refuse_change();

-- A journal row names the policy it was posted under by a number.
create table posting_policy (
    digest text not null unique,
    policy smallint generated always as identity primary key
);
insert into posting_policy (digest) select distinct policy_digest from journal;
alter table journal add column policy smallint references posting_policy;
alter table journal disable trigger append_only;
update journal set policy = posting_policy.policy from posting_policy where digest = policy_digest;
alter table journal enable trigger append_only;
alter table journal alter column policy set not null;
alter table journal drop column policy_digest;
grant insert (policy) on journal to arrears_app;
grant select, insert (digest) on posting_policy to arrears_app;
grant select on posting_policy to arrears_reader;
create trigger append_only before update or delete or truncate on posting_policy
    for each statement execute function refuse_change();

-- check: an account's facts are nobody's to change, its caches are the application's to renew
do $$
begin
    if has_any_column_privilege('arrears_app', 'account', 'update') then
        raise exception 'migration 0010: what was signed may be changed';
    end if;
    if exists (select from pg_attribute a where a.attrelid = 'account_state'::regclass
               and a.attnum > 0 and not a.attisdropped
               and has_column_privilege('arrears_app', a.attrelid, a.attnum, 'update')
                   = (a.attname in ('slot', 'account_id')))
    then
        raise exception 'migration 0010: neither key nor cache';
    end if;
    if (select tgenabled from pg_trigger where tgrelid = 'journal'::regclass
        and tgname = 'append_only') <> 'O'
    then
        raise exception 'migration 0010: the journal is not guarded';
    end if;
end
$$;
