-- A close goes on where it was stopped; an account taken back in keeps its history.

-- A run is laid out once: where its ranges of slots begin, each ending where the next begins.
create table run_start (
    run_id text primary key,
    business_on date not null unique,
    started_at timestamptz not null,
    accounts integer not null,
    slot_starts smallint[] not null check (slot_starts[1] = 0)
);
insert into run_start select run_id, business_on, now(), 0, '{0}' from run;
alter table run add constraint run_was_started foreign key (run_id) references run_start;
alter table run add column finished_at timestamptz not null default now();
alter table run alter column finished_at drop default;

-- One row a range, written in the transaction that wrote the range's accounts.
create table run_slot (
    run_id text not null references run_start,
    slot_from smallint not null check (slot_from between 0 and 4095),
    counts jsonb not null,
    finished_at timestamptz not null,
    primary key (run_id, slot_from)
);

create view run_progress as
select run_id, start.business_on, case when run.run_id is null then 'open' else 'closed' end as phase,
       start.started_at, run.finished_at, start.accounts,
       cardinality(start.slot_starts) as ranges,
       (select count(*) from run_slot where run_slot.run_id = start.run_id) as ranges_done,
       run.counts
from run_start as start left join run using (run_id);

do $$
declare
    name text;
begin
    foreach name in array array['run_start', 'run_slot']
    loop
        execute format('create trigger append_only before update or delete or truncate on %I
                        for each statement execute function refuse_change()', name);
        execute format('grant select, insert on %I to arrears_app', name);
        execute format('grant select on %I to arrears_reader', name);
    end loop;
end
$$;
grant select on run_progress to arrears_app, arrears_reader;

-- Parked at most once at a time; what was wrong stays readable when it is over.
alter table parked drop constraint parked_pkey;
alter table parked add column parked_number bigint generated always as identity;
alter table parked add column parked_at timestamptz not null default now();
alter table parked alter column parked_at drop default;
alter table parked add column resolved_at timestamptz;
alter table parked add primary key (slot, account_id, parked_number);
create unique index parked_once on parked (slot, account_id) where resolved_at is null;
revoke delete on parked from arrears_app;
grant update (resolved_at) on parked to arrears_app;
create trigger facts_stay before update of slot, account_id, business_on, cause, inputs, parked_number,
                                           parked_at on parked
    for each statement execute function refuse_change();
create trigger never_gone before delete or truncate on parked
    for each statement execute function refuse_change();

-- check: progress can only be added to, and of a parked account only the end be said
do $$
begin
    if has_any_column_privilege('arrears_app', 'run_start', 'update')
        or has_any_column_privilege('arrears_app', 'run_slot', 'update')
        or has_table_privilege('arrears_app', 'parked', 'delete, truncate')
        or has_column_privilege('arrears_app', 'parked', 'cause', 'update')
    then
        raise exception 'migration 0006: the application may rewrite what a close did';
    end if;
    if (select count(*) from pg_trigger
        where tgname = 'append_only' and tgrelid in ('run_start'::regclass, 'run_slot'::regclass)) <> 2
    then
        raise exception 'migration 0006: a trigger is missing';
    end if;
end
$$;
