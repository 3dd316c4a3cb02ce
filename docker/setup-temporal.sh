#!/bin/sh
# Temporal's tables, in two databases that exist already. Safe to repeat, and the way to a newer version of the server: the
# tool brings older tables up to date and leaves new ones alone. Reached by SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER and
# SQL_PASSWORD. The schema is the one inside the tool, so tool and server must have the same version.
set -eu

temporal-sql-tool --db temporal setup-schema --version 0.0
temporal-sql-tool --db temporal update-schema --schema-name postgresql/v12/temporal
temporal-sql-tool --db temporal_visibility setup-schema --version 0.0
temporal-sql-tool --db temporal_visibility update-schema --schema-name postgresql/v12/visibility
echo 'The tables of Temporal are up to date.'
