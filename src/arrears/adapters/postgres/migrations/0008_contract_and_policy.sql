-- What was signed, and the policy it was signed under, stand beside each other and come under the seals.
alter table account
    add column policy jsonb not null default '{}',
    add column recorded_at timestamptz not null default now(),
    add column row_number bigint generated always as identity,
    add column written_by xid8 not null default pg_current_xact_id();

-- Who wrote a row and in which order is the server's word, as it is for events and journal.
revoke insert on account from arrears_app;
grant insert (slot, account_id, borrower_id, product, currency, contract, policy, opened_on)
    on account to arrears_app;
create unique index account_sealing_order on account (written_by, row_number);

drop trigger facts_stay on account;
create trigger facts_stay before update of slot, account_id, borrower_id, product, currency, contract,
                                           policy, opened_on, recorded_at, row_number, written_by
    on account for each statement execute function refuse_change();

alter table seal_batch drop constraint seal_batch_table_name_check;
alter table seal_batch add constraint seal_batch_table_name_check
    check (table_name in ('account', 'event', 'journal'));

-- check: every column of an account is either a cache the application may renew or a fact the trigger
-- guards, and the application cannot choose a row's place in the order of sealing
do $$
declare
    wrong text;
begin
    select string_agg(a.attname, ', ') into wrong
    from pg_attribute a
    where a.attrelid = 'account'::regclass and a.attnum > 0 and not a.attisdropped
      and has_column_privilege('arrears_app', a.attrelid, a.attnum, 'update')
          = (a.attnum = any (select unnest(t.tgattr) from pg_trigger t
                             where t.tgrelid = a.attrelid and t.tgname = 'facts_stay'));
    if wrong is not null then
        raise exception 'migration 0008: neither cache nor fact: %', wrong;
    end if;
    if has_column_privilege('arrears_app', 'account', 'written_by', 'insert')
        or has_column_privilege('arrears_app', 'account', 'recorded_at', 'insert')
    then
        raise exception 'migration 0008: the application may write what only the server should';
    end if;
end
$$;
