-- The books: accounts, events, journal, and what a close leaves; append-only where they are a record.
create table account (
    slot smallint not null check (slot between 0 and 4095),
    account_id text not null,
    borrower_id text not null,
    product text not null,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    contract jsonb not null,
    opened_on date not null,
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
    primary key (slot, account_id)
);
create index account_next_action on account (next_action_on, slot) where next_action_on is not null;
create unique index account_id_once on account (account_id);

create table event (
    slot smallint not null,
    account_id text not null,
    event_id text not null,
    type text not null,
    value_on date not null,
    recorded_at timestamptz not null,
    effective_seq bigint not null,
    body jsonb not null,
    channel text not null,
    source_ref text not null,
    row_number bigint generated always as identity,
    written_by xid8 not null default pg_current_xact_id(),
    primary key (slot, account_id, event_id),
    foreign key (slot, account_id) references account
);
create unique index event_source_once on event (channel, source_ref);
create unique index event_row_number on event (row_number);

create table journal (
    slot smallint not null,
    account_id text not null,
    entry_id text not null,
    seq integer not null,
    contract integer not null,
    instalment integer not null,
    component smallint not null,
    kind smallint not null,
    stage smallint not null,
    value_on date not null,
    booked_on date not null,
    debit_account text not null,
    credit_account text not null check (credit_account <> debit_account),
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    policy_digest text not null,
    row_number bigint generated always as identity,
    written_by xid8 not null default pg_current_xact_id(),
    primary key (slot, account_id, entry_id, seq)
);
create unique index journal_row_number on journal (row_number);

create table transition (
    slot smallint not null,
    account_id text not null,
    on_date date not null,
    what text not null,
    from_value text not null,
    to_value text not null,
    primary key (slot, account_id, on_date, what)
);

create table outbox (
    slot smallint not null,
    account_id text not null,
    kind text not null,
    occasion text not null,
    body jsonb not null,
    primary key (slot, account_id, kind, occasion)
);

create table idempotency (
    caller text not null,
    command text not null,
    key text not null,
    body_digest text not null,
    answer jsonb not null,
    primary key (caller, command, key)
);

create table receipt (
    receipt_id text primary key,
    channel text not null,
    source_ref text not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    value_on date not null,
    hint text not null default '',
    unique (channel, source_ref)
);

create table receipt_resolution (
    receipt_id text not null references receipt,
    seq integer not null,
    kind text not null check (kind in ('matched', 'returned')),
    amount_minor bigint not null check (amount_minor > 0),
    account_id text,
    event_id text,
    primary key (receipt_id, seq)
);

create table run (
    run_id text primary key,
    business_on date not null unique,
    counts jsonb not null
);

create table parked (
    slot smallint not null,
    account_id text not null,
    business_on date not null,
    cause text not null,
    inputs jsonb not null,
    primary key (slot, account_id, business_on)
);

create table seal_batch (
    batch integer primary key,
    first_row bigint not null,
    last_row bigint not null,
    leaf_hashes bytea not null,
    root bytea not null,
    chained_root bytea not null
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'table % is append-only: % is refused', tg_table_name, tg_op
        using errcode = 'restrict_violation';
end
$$;

do $$
declare
    name text;
begin
    foreach name in array array['event', 'journal', 'transition', 'outbox', 'idempotency',
                                'receipt', 'receipt_resolution', 'run', 'seal_batch']
    loop
        execute format('create trigger append_only before update or delete on %I
                        for each row execute function refuse_change()', name);
        execute format('create trigger never_emptied before truncate on %I
                        for each statement execute function refuse_change()', name);
        execute format('grant select, insert on %I to arrears_app', name);
    end loop;
end
$$;
grant select, insert on account, parked to arrears_app;
grant update (version, basis, next_action_on, folded_to, bucket, five_class, bureau, status,
              days_past_due, principal_minor, payoff_minor, credit_minor, is_non_accrual)
    on account to arrears_app;
grant delete on parked to arrears_app;
grant select on all tables in schema public to arrears_reader;
grant usage on schema public to arrears_app, arrears_reader;
-- check: every append-only table has both triggers
do $$
begin
    if (select count(*) from pg_trigger where tgname in ('append_only', 'never_emptied')) <> 18 then
        raise exception 'migration 0001: a trigger is missing';
    end if;
end
$$;
