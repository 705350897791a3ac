-- Reading what is to be sealed, writing seals, and reading both again to verify.

-- name: take_turn
select pg_advisory_xact_lock(hashtextextended('arrears seals', 0))

-- name: last_batch
select * from seal_batch order by batch desc limit 1

-- name: position
select coalesce(max(last_xact), '0'::xid8)::text as after_xact,
       coalesce((array_agg(last_number order by last_xact desc, last_number desc))[1], 0) as after_number,
       pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
       coalesce(max(last_xact) >= pg_snapshot_xmin(pg_current_snapshot()), false) as is_behind
from seal_batch where table_name = %(table)s

-- name: open_journal
select journal.*, digest as policy_digest from journal join posting_policy using (policy)
where (written_by, row_number) > (%(after_xact)s::xid8, %(after_number)s)
  and written_by < %(horizon)s::xid8
order by written_by, row_number limit %(most)s

-- name: open_policy_snapshot
select * from policy_snapshot
where (written_by, row_number) > (%(after_xact)s::xid8, %(after_number)s)
  and written_by < %(horizon)s::xid8
order by written_by, row_number limit %(most)s

-- name: open_account
select * from account
where (written_by, row_number) > (%(after_xact)s::xid8, %(after_number)s)
  and written_by < %(horizon)s::xid8
order by written_by, row_number limit %(most)s

-- name: open_event
select * from event
where (written_by, row_number) > (%(after_xact)s::xid8, %(after_number)s)
  and written_by < %(horizon)s::xid8
order by written_by, row_number limit %(most)s

-- name: sealed_journal
select journal.*, digest as policy_digest from journal join posting_policy using (policy)
where (written_by, row_number) > (%(after_xact)s::xid8, %(after_number)s)
  and (written_by, row_number) <= (%(last_xact)s::xid8, %(last_number)s)
order by written_by, row_number

-- name: sealed_policy_snapshot
select * from policy_snapshot
where (written_by, row_number) > (%(after_xact)s::xid8, %(after_number)s)
  and (written_by, row_number) <= (%(last_xact)s::xid8, %(last_number)s)
order by written_by, row_number

-- name: sealed_account
select * from account
where (written_by, row_number) > (%(after_xact)s::xid8, %(after_number)s)
  and (written_by, row_number) <= (%(last_xact)s::xid8, %(last_number)s)
order by written_by, row_number

-- name: sealed_event
select * from event
where (written_by, row_number) > (%(after_xact)s::xid8, %(after_number)s)
  and (written_by, row_number) <= (%(last_xact)s::xid8, %(last_number)s)
order by written_by, row_number

-- name: add_batch
insert into seal_batch (batch, table_name, after_xact, after_number, last_xact, last_number, first_row,
                        last_row, leaves, root, chained_root, leaf_hashes, sealed_at)
values (%(batch)s, %(table)s, %(after_xact)s::xid8, %(after_number)s, %(last_xact)s::xid8,
        %(last_number)s, %(first_row)s, %(last_row)s, %(leaves)s, %(root)s, %(chained_root)s,
        %(leaf_hashes)s, %(sealed_at)s)

-- name: tell_root
insert into outbox (slot, account_id, kind, occasion, body)
values (0, '', 'seal_root', %(occasion)s, %(body)s)

-- name: batches
select * from seal_batch where batch > %(after)s order by batch

-- name: unsealed
select (select count(*) from journal where (written_by, row_number) >
            coalesce((select (last_xact, last_number) from seal_batch where table_name = 'journal'
                      order by batch desc limit 1), ('0'::xid8, 0::bigint)))
     + (select count(*) from event where (written_by, row_number) >
            coalesce((select (last_xact, last_number) from seal_batch where table_name = 'event'
                      order by batch desc limit 1), ('0'::xid8, 0::bigint)))
     + (select count(*) from account where (written_by, row_number) >
            coalesce((select (last_xact, last_number) from seal_batch where table_name = 'account'
                      order by batch desc limit 1), ('0'::xid8, 0::bigint)))
     + (select count(*) from policy_snapshot where (written_by, row_number) >
            coalesce((select (last_xact, last_number) from seal_batch
                      where table_name = 'policy_snapshot'
                      order by batch desc limit 1), ('0'::xid8, 0::bigint))) as rows

-- name: span
select after_xact::text as after_xact, after_number, last_xact::text as last_xact, last_number
from seal_batch where batch = %(batch)s
