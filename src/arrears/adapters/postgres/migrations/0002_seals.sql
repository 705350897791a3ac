-- Seals over events and journal: batches end below the oldest running transaction, in an order fixed for ever.
alter table journal add column recorded_at timestamptz not null default now();

-- Who wrote a row and in which order is the server's word: the application cannot give these columns.
revoke insert on event, journal from arrears_app;
grant insert (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body, channel,
              source_ref) on event to arrears_app;
grant insert (slot, account_id, entry_id, seq, contract, instalment, component, kind, stage, value_on,
              booked_on, debit_account, credit_account, amount_minor, currency, policy_digest)
    on journal to arrears_app;
create unique index event_sealing_order on event (written_by, row_number);
create unique index journal_sealing_order on journal (written_by, row_number);
drop index event_row_number;
drop index journal_row_number;

drop table seal_batch;
create table seal_batch (
    batch integer primary key check (batch > 0),
    table_name text not null check (table_name in ('event', 'journal')),
    after_xact xid8 not null,
    after_number bigint not null,
    last_xact xid8 not null,
    last_number bigint not null,
    first_row text not null,
    last_row text not null,
    leaves bigint not null check (leaves > 0),
    root bytea not null check (length(root) = 32),
    chained_root bytea not null unique check (length(chained_root) = 32),
    leaf_hashes bytea not null,
    sealed_at timestamptz not null,
    unique (table_name, after_xact, after_number),
    check ((last_xact, last_number) > (after_xact, after_number))
);
create trigger append_only before update or delete on seal_batch
    for each row execute function refuse_change();
create trigger never_emptied before truncate on seal_batch
    for each statement execute function refuse_change();
grant select, insert on seal_batch to arrears_app;
grant select on seal_batch to arrears_reader;

-- check: the application can neither choose a row's place in the order nor change a seal
do $$
begin
    if has_column_privilege('arrears_app', 'journal', 'written_by', 'insert')
        or has_column_privilege('arrears_app', 'event', 'row_number', 'insert')
        or has_table_privilege('arrears_app', 'seal_batch', 'update, delete, truncate')
    then
        raise exception 'migration 0002: the application may write what only the server should';
    end if;
    if (select count(*) from pg_trigger where tgrelid = 'seal_batch'::regclass
        and tgname in ('append_only', 'never_emptied')) <> 2
    then
        raise exception 'migration 0002: a trigger is missing';
    end if;
end
$$;
