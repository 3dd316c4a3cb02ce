#!/bin/sh
# Roles and databases for Temporal and for Darkroom. Safe to repeat; a password that was changed in .env is taken over.
# Reached by PGHOST, PGUSER and PGPASSWORD. Not a script of docker-entrypoint-initdb.d: those run on an empty volume only,
# and one that was cut short is never run again.
set -eu
: "${TEMPORAL_DB_PASSWORD:?is not set}" "${DARKROOM_DB_PASSWORD:?is not set}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres <<'SQL'
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv darkroom_password DARKROOM_DB_PASSWORD

select format('create role %I', name)
from unnest(array['temporal', 'darkroom']) as name
where not exists (select from pg_roles where rolname = name) \gexec

alter role temporal with login password :'temporal_password';
alter role darkroom with login password :'darkroom_password';

select format('create database %I owner %I', name, owner)
from (values ('temporal', 'temporal'), ('temporal_visibility', 'temporal'), ('darkroom', 'darkroom')) as wanted (name, owner)
where not exists (select from pg_database where datname = name) \gexec

-- Neither of the two reads the other's.
revoke connect on database temporal, temporal_visibility, darkroom from public;

\connect darkroom
-- A Postgres without pgvector will do, too: Darkroom then keeps its index of faces in memory.
select 'create extension if not exists vector'
where exists (select from pg_available_extensions where name = 'vector') \gexec
SQL
echo 'Roles and databases are there.'
