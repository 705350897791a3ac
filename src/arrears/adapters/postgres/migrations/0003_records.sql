-- Products, commitments to persons, references to sources, money without a name, and delivery.

-- A product version never changes; contracts copy all of it, so it may also be forgotten about.
create table product (
    code text not null,
    version integer not null check (version > 0),
    body jsonb not null,
    primary key (code, version)
);

-- Nothing here says who a borrower is: only a hash that a person's papers and the salt give again.
create table borrower (
    slot smallint not null check (slot between 0 and 4095),
    borrower_id text not null,
    commitment bytea not null check (length(commitment) = 32),
    primary key (slot, borrower_id)
);

-- Erasing a salt makes its commitment mean nothing; the record it stands in need not change.
create table borrower_salt (
    slot smallint not null,
    borrower_id text not null,
    salt bytea not null check (length(salt) = 32),
    primary key (slot, borrower_id),
    foreign key (slot, borrower_id) references borrower
);

-- One line of one bank statement is money once, whether it came with a name or without.
create table source_reference (
    channel text not null,
    source_ref text not null,
    taken_by text not null check (taken_by in ('event', 'receipt')),
    primary key (channel, source_ref)
);
insert into source_reference select channel, source_ref, 'event' from event;
insert into source_reference select channel, source_ref, 'receipt' from receipt;

alter table receipt add column recorded_at timestamptz not null default now();
alter table receipt_resolution drop constraint receipt_resolution_kind_check;
alter table receipt_resolution add constraint receipt_resolution_kind_check
    check (kind in ('matched', 'split', 'returned'));
alter table receipt_resolution add constraint receipt_resolution_names_an_event
    check ((kind = 'returned') = (event_id is null) and (account_id is null) = (event_id is null));
alter table receipt_resolution add column recorded_at timestamptz not null default now();

-- What was said stays; whether it was delivered is work, and may be tried again.
alter table outbox add column sequence bigint generated always as identity;
revoke insert on outbox from arrears_app;
grant insert (slot, account_id, kind, occasion, body) on outbox to arrears_app;
create unique index outbox_sequence on outbox (sequence);
create table outbox_delivery (
    slot smallint not null,
    account_id text not null,
    kind text not null,
    occasion text not null,
    attempts integer not null default 0,
    delivered_at timestamptz,
    last_error text not null default '',
    primary key (slot, account_id, kind, occasion),
    foreign key (slot, account_id, kind, occasion) references outbox
);

-- A trigger a statement, not a row: also a change that would meet no row is refused.
do $$
declare
    name text;
begin
    foreach name in array array['event', 'journal', 'transition', 'outbox', 'idempotency',
                                'receipt', 'receipt_resolution', 'run', 'seal_batch',
                                'product', 'borrower', 'source_reference']
    loop
        execute format('drop trigger if exists append_only on %I', name);
        execute format('drop trigger if exists never_emptied on %I', name);
        execute format('create trigger append_only before update or delete or truncate on %I
                        for each statement execute function refuse_change()', name);
    end loop;
end
$$;
grant select, insert on product, borrower, borrower_salt, source_reference, outbox_delivery
    to arrears_app;
grant delete on borrower_salt to arrears_app;
grant update (attempts, delivered_at, last_error) on outbox_delivery to arrears_app;
grant select on product, borrower, source_reference, outbox_delivery to arrears_reader;

-- check: a table the application may only add to has the trigger, and the other way round
do $$
declare
    wrong text;
begin
    select string_agg(c.relname, ', ') into wrong
    from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'migration'
      and (has_any_column_privilege('arrears_app', c.oid, 'update')
           or has_table_privilege('arrears_app', c.oid, 'delete'))
          = exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'append_only');
    if wrong is not null then
        raise exception 'migration 0003: neither append-only nor work: %', wrong;
    end if;
end
$$;
