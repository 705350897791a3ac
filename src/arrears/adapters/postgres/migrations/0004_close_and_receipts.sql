-- A close finds accounts by index alone; a receipt is never given away twice.
create index account_basis on account (basis, slot) where status in ('active', 'charged_off');

create function refuse_overspending() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
declare
    received bigint;
    resolved bigint;
begin
    select amount_minor into received from receipt where receipt_id = new.receipt_id for no key update;
    select coalesce(sum(amount_minor), 0) into resolved
    from receipt_resolution where receipt_id = new.receipt_id;
    if resolved > received then
        raise exception 'receipt % is % and % of it would be given away', new.receipt_id, received, resolved
            using errcode = 'check_violation', constraint = 'receipt_resolution_within_receipt';
    end if;
    return null;
end
$$;
create trigger within_receipt after insert on receipt_resolution
    for each row execute function refuse_overspending();

-- check: the trigger guards every row
do $$
begin
    if not exists (select from pg_trigger where tgname = 'within_receipt' and tgenabled = 'O') then
        raise exception 'migration 0004: the trigger is missing';
    end if;
end
$$;
