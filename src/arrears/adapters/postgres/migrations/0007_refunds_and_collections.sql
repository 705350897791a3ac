-- Money to be paid back and money asked for: a record each, and another of how it ended.

-- A borrower's credit balance to be paid back, or a receipt without a name to be sent back.
create table refund_task (
    task_id text primary key,
    slot smallint,
    account_id text,
    receipt_id text references receipt,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    opened_on date not null,
    opened_at timestamptz not null default now(),
    foreign key (slot, account_id) references account,
    constraint refund_task_is_of_one check
        ((account_id is null) = (slot is null) and (account_id is null) <> (receipt_id is null))
);
create index refund_task_account on refund_task (slot, account_id) where account_id is not null;

-- Withdrawn: the credit balance was used or is another one now; a new task says the new amount.
create table refund_task_end (
    task_id text primary key references refund_task,
    outcome text not null check (outcome in ('paid', 'withdrawn')),
    ended_on date not null,
    channel text not null default '',
    source_ref text not null default '',
    ended_at timestamptz not null default now()
);
create unique index refund_task_end_source on refund_task_end (channel, source_ref) where channel <> '';

-- A request to draw money from a borrower's bank; only the bank's answer ends it.
create table collection (
    request_id text primary key,
    slot smallint not null,
    account_id text not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    draw_on date not null,
    asked_at timestamptz not null,
    foreign key (slot, account_id) references account
);
create index collection_account on collection (slot, account_id);
create table collection_end (
    request_id text primary key references collection,
    outcome text not null check (outcome in ('received', 'failed')),
    event_id text,
    ended_at timestamptz not null,
    constraint collection_end_names_an_event check ((outcome = 'received') = (event_id is not null))
);

alter table source_reference drop constraint source_reference_taken_by_check;
alter table source_reference add constraint source_reference_taken_by_check
    check (taken_by in ('event', 'receipt', 'refund'));

do $$
declare
    name text;
begin
    foreach name in array array['refund_task', 'refund_task_end', 'collection', 'collection_end']
    loop
        execute format('create trigger append_only before update or delete or truncate on %I
                        for each statement execute function refuse_change()', name);
        execute format('grant select, insert on %I to arrears_app', name);
        execute format('grant select on %I to arrears_reader', name);
    end loop;
end
$$;

-- check: what was to be paid or drawn, and how it ended, is only added to
do $$
begin
    if (select count(*) from pg_trigger where tgname = 'append_only' and tgrelid in (
            'refund_task'::regclass, 'refund_task_end'::regclass,
            'collection'::regclass, 'collection_end'::regclass)) <> 4
    then
        raise exception 'migration 0007: a trigger is missing';
    end if;
end
$$;
