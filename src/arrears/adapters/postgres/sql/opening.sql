-- Making roles and databases, keeping the list of migrations, and asking what a role could do.

-- name: make_roles
do $$
declare
    wanted text;
begin
    foreach wanted in array array['arrears_owner', 'arrears_app', 'arrears_reader']
    loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I login nosuperuser nocreatedb nocreaterole noinherit', wanted);
        end if;
    end loop;
end
$$

-- name: database
select from pg_database where datname = %(database)s

-- name: make_database
create database {database} owner arrears_owner template {template}

-- name: take_turn
select pg_advisory_xact_lock(hashtextextended('arrears migrations', 0))

-- name: make_list
do $$
begin
    if to_regclass('public.migration') is null then
        create table migration (name text primary key, checksum text not null);
        grant select on migration to arrears_app, arrears_reader;
    end if;
end
$$

-- name: applied
select checksum from migration where name = %(name)s

-- name: note
insert into migration values (%(name)s, %(checksum)s)

-- name: list
select name, checksum from migration order by name

-- name: role
select current_user as me,
       session_user <> current_user or r.rolsuper or r.rolcreaterole or r.rolcreatedb
           or r.rolbypassrls or r.rolreplication as is_strong,
       exists (select from pg_class c
               where c.relnamespace = 'public'::regnamespace
                 and pg_has_role(r.oid, c.relowner, 'member')) as owns,
       exists (select from pg_roles o
               where o.oid <> r.oid and pg_has_role(r.oid, o.oid, 'member')) as can_become_another,
       (select pg_has_role(r.oid, d.datdba, 'member') from pg_database d
        where d.datname = current_database()) as owns_database,
       to_regclass('public.migration') is not null as has_list,
       current_setting('server_version_num')::integer / 10000 as server_major,
       array_to_string(array(select s.name from pg_settings s where s.setting = 'off'
                             and s.name in ('fsync', 'full_page_writes', 'synchronous_commit')
                             order by s.name), ', ') as not_durable
from pg_roles r where r.rolname = current_user

-- name: count
select greatest((select max(written_by) from account), (select max(written_by) from event),
                (select max(written_by) from journal), (select max(written_by) from policy_snapshot),
                (select max(last_xact) from seal_batch))::text as seen,
       pg_snapshot_xmax(pg_current_snapshot())::text as coming
