-- What was signed stays as it was signed: of an account only the caches change, whoever asks.
create trigger facts_stay before update of slot, account_id, borrower_id, product, currency, contract,
                                           opened_on on account
    for each statement execute function refuse_change();
create trigger never_gone before delete or truncate on account
    for each statement execute function refuse_change();

-- check: every column is either a cache the application may renew or a fact the trigger guards
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
        raise exception 'migration 0005: neither cache nor fact: %', wrong;
    end if;
end
$$;
