-- Whose turn it is to close business, and whether who has it still moves.

-- name: come_forward
select set_config('application_name', %(session_name)s, false)

-- name: wait_for_turn
select pg_advisory_lock(hashtextextended('arrears close', 0))

-- name: end_turn
select pg_advisory_unlock(hashtextextended('arrears close', 0))

-- name: move
select 1

-- name: holder
select holder.pid, holder.application_name as name, holder.backend_start as since,
       open.business_on, coalesce((open.counts ->> 'accounts')::bigint, 0) as done, open.accounts
from pg_locks as lock join pg_stat_activity as holder using (pid)
left join (select * from run_progress where phase = 'open' order by business_on limit 1) as open on true
where lock.locktype = 'advisory' and lock.granted and lock.objsubid = 1
  and lock.database = (select oid from pg_database where datname = current_database())
  and (lock.classid::bigint << 32 | lock.objid::bigint) = hashtextextended('arrears close', 0)

-- name: still_seconds
-- Whoever computes on the server moves; of another role's sessions nothing is seen, so they are left alone.
select extract(epoch from clock_timestamp() - max(
           case when state = 'active' and coalesce(wait_event_type, '') not in ('Client', 'Lock')
                then clock_timestamp() else coalesce(state_change, clock_timestamp()) end
       ))::bigint as seconds
from pg_stat_activity
where datname = current_database() and (pid = %(pid)s or application_name = %(workers)s)

-- name: end_orphans
-- Whoever has the turn has the only workers: any others work for a process that has lost it, or was killed.
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and usename = current_user
  and starts_with(application_name, %(workers)s) and application_name <> %(own)s

-- name: end_sessions
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and (pid = %(pid)s or application_name = %(workers)s)
