-- The values and sources contracts were signed under, each once, under its own digest; sealed like the rest.
create table policy_snapshot (
    digest text primary key check (length(digest) = 64),
    body jsonb not null,
    recorded_at timestamptz not null default now(),
    row_number bigint generated always as identity,
    written_by xid8 not null default pg_current_xact_id()
);
create unique index policy_snapshot_sealing_order on policy_snapshot (written_by, row_number);
create trigger append_only before update or delete or truncate on policy_snapshot
    for each statement execute function refuse_change();
grant select on policy_snapshot to arrears_app, arrears_reader;
grant insert (digest, body) on policy_snapshot to arrears_app;

alter table seal_batch drop constraint seal_batch_table_name_check;
alter table seal_batch add constraint seal_batch_table_name_check
    check (table_name in ('account', 'event', 'journal', 'policy_snapshot'));

-- check: nobody changes a snapshot, and the application cannot choose its place in the order of sealing
do $$
begin
    if not exists (select from pg_trigger where tgrelid = 'policy_snapshot'::regclass
                   and tgname = 'append_only' and tgenabled = 'O')
        or has_any_column_privilege('arrears_app', 'policy_snapshot', 'update')
        or has_column_privilege('arrears_app', 'policy_snapshot', 'written_by', 'insert')
    then
        raise exception 'migration 0009: a snapshot can be changed or put in another place';
    end if;
end
$$;
