-- A month that was closed is on record, with what its books added up to; nothing is booked into it any more.

create table period (
    period_end date primary key,
    run_id text not null unique references run,
    accounts bigint not null,
    parked bigint not null,
    ledger jsonb not null,
    owed jsonb not null,
    apart jsonb not null,
    digest text not null unique check (length(digest) = 64),
    recorded_at timestamptz not null default now()
);

-- What a range's journal and folds added up to, as its transaction saw them.
create table period_part (
    run_id text not null references run_start,
    slot_from smallint not null check (slot_from between 0 and 4095),
    slot_until smallint not null check (slot_until between 1 and 4096),
    body jsonb not null,
    seen pg_snapshot not null,
    written_by xid8 not null default pg_current_xact_id(),
    primary key (run_id, slot_from)
);

do $$
declare
    name text;
begin
    foreach name in array array['period', 'period_part']
    loop
        execute format('create trigger append_only before update or delete or truncate on %I
                        for each statement execute function refuse_change()', name);
        execute format('grant select on %I to arrears_app, arrears_reader', name);
    end loop;
end
$$;
grant insert (period_end, run_id, accounts, parked, ledger, owed, apart, digest) on period to arrears_app;
grant insert (run_id, slot_from, slot_until, body, seen) on period_part to arrears_app;

-- Rows come in the order of their days: a few bytes for every hundred pages find those of a month.
create index journal_booked_on on journal using brin (booked_on) with (autosummarize = on);

create function refuse_closed_period() returns trigger language plpgsql as $$
begin
    if exists (select from new_rows
               where booked_on <= (select max(period_end) from public.period))
    then
        raise exception 'a row would be booked into a period that was closed'
            using errcode = 'check_violation', constraint = 'journal_in_an_open_period';
    end if;
    return null;
end
$$;
create trigger in_an_open_period after insert on journal referencing new table as new_rows
    for each statement execute function refuse_closed_period();

-- The open day, which stays open until the transaction that asked for it has ended.
create function hold_open_day() returns table (business_on date, run_id text) language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('arrears open day', 0));
    return query select run.business_on, run.run_id from public.run
                 order by run.business_on desc limit 1;
end
$$;

-- check: a closed period is guarded, and whoever writes a part cannot say when
do $$
begin
    if has_column_privilege('arrears_app', 'period_part', 'written_by', 'insert')
        or has_any_column_privilege('arrears_app', 'period', 'update')
        or not exists (select from pg_trigger where tgrelid = 'journal'::regclass
                       and tgname = 'in_an_open_period' and tgenabled = 'O')
    then
        raise exception 'migration 0012: a closed period can be changed';
    end if;
end
$$;
