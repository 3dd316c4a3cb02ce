-- Counting a library by state, and by whether its photos were described as is wanted now, reads this index alone.
drop index darkroom.asset_state;
create index asset_state on darkroom.asset (state, library_id, ended_recipe);

-- What was done since a moment: for telling that everything is finished, and how many photos needed no model call.
create index asset_run_ended on darkroom.asset_run (ended) include (outcome, asset_id);
