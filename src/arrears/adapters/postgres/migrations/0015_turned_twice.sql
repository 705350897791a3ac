-- What changes twice on one day is told twice: a payment that cures, and the reversal that undoes it.
alter table transition add column seq smallint not null default 0 check (seq >= 0);
alter table transition drop constraint transition_pkey;
alter table transition add primary key (slot, account_id, on_date, what, seq);

-- check: a second change on a day has a place of its own
do $$
begin
    if not exists (select from pg_index join pg_attribute on attrelid = indexrelid
                   where indrelid = 'transition'::regclass and indisprimary and attname = 'seq')
    then
        raise exception 'migration 0015: the key of transition lacks seq';
    end if;
end
$$;
