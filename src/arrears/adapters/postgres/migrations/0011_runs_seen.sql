-- A run tells under which basis it was done, by whom, where its time went, and which bound stopped it.
alter table run_start add column basis text not null default '';
alter table run_slot add column milliseconds jsonb not null default '{}';

-- One row whenever a process begins a run or goes on with it.
create table run_attempt (
    run_id text not null references run_start,
    attempt integer generated always as identity,
    process text not null,
    engine text not null,
    processes smallint not null check (processes > 0),
    basis text not null,
    began_at timestamptz not null,
    taken_over_from text,
    primary key (run_id, attempt)
);

-- One row whenever a safety bound stops a run.
create table run_stop (
    run_id text not null references run_start,
    stop integer generated always as identity,
    bound text not null,
    found text not null,
    stopped_at timestamptz not null,
    primary key (run_id, stop)
);

drop view run_progress;
create view run_progress as
select start.run_id, start.business_on, case when run.run_id is null then 'open' else 'closed' end as phase,
       start.started_at, run.finished_at, start.accounts,
       cardinality(start.slot_starts) as ranges, done.ranges_done, done.moved_at,
       done.counts, done.milliseconds, coalesce(tried.attempts, '[]') as attempts,
       coalesce(stopped.stops, '[]') as stops
from run_start as start left join run using (run_id)
cross join lateral (
    select count(*) as ranges_done, max(part.finished_at) as moved_at,
           (select coalesce(jsonb_object_agg(key, total), '{}')
            from (select key, sum(value::bigint) as total
                  from run_slot as one cross join jsonb_each_text(one.counts)
                  where one.run_id = start.run_id group by key) as summed) as counts,
           (select coalesce(jsonb_object_agg(key, total), '{}')
            from (select key, sum(value::bigint) as total
                  from run_slot as one cross join jsonb_each_text(one.milliseconds)
                  where one.run_id = start.run_id group by key) as summed) as milliseconds
    from run_slot as part where part.run_id = start.run_id
) as done
cross join lateral (
    select jsonb_agg(to_jsonb(each) - 'run_id' - 'attempt' order by attempt) as attempts
    from run_attempt as each where each.run_id = start.run_id
) as tried
cross join lateral (
    select jsonb_agg(to_jsonb(each) - 'run_id' - 'stop' order by stop) as stops
    from run_stop as each where each.run_id = start.run_id
) as stopped;
grant select on run_progress to arrears_app, arrears_reader;

do $$
declare
    name text;
begin
    foreach name in array array['run_attempt', 'run_stop']
    loop
        execute format('create trigger append_only before update or delete or truncate on %I
                        for each statement execute function refuse_change()', name);
        execute format('grant select, insert on %I to arrears_app', name);
        execute format('grant select on %I to arrears_reader', name);
    end loop;
end
$$;

-- check: what is told of a run can only be added to
do $$
begin
    if has_any_column_privilege('arrears_app', 'run_attempt', 'update')
        or has_any_column_privilege('arrears_app', 'run_stop', 'update')
    then
        raise exception 'migration 0011: the application may rewrite what is told of a run';
    end if;
    if (select count(*) from pg_trigger
        where tgname = 'append_only'
          and tgrelid in ('run_attempt'::regclass, 'run_stop'::regclass)) <> 2
    then
        raise exception 'migration 0011: a trigger is missing';
    end if;
end
$$;
