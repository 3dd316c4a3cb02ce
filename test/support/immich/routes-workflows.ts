import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { workflowAnswer } from './name-answers.ts';
import { notFoundOrNoAccess } from './refused.ts';
import { bodyOf, type Call, type Reply, type Routes } from './route.ts';
import type { WorkflowRow } from './rows.ts';
import { put, serverNow } from './state.ts';

const stepSchema = z.object({
  method: z.string(),
  config: z.record(z.string(), z.unknown()).nullable(),
  enabled: z.boolean().optional(),
});
const workflowSchema = z.object({
  trigger: z.enum(['AssetCreate', 'AssetMetadataExtraction', 'AssetTagged']),
  name: z.string().nullable().default(null),
  description: z.string().nullable().default(null),
  enabled: z.boolean().default(true),
  steps: z.array(stepSchema).default([]),
});
const changeSchema = z.object({
  trigger: workflowSchema.shape.trigger.optional(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  enabled: z.boolean().optional(),
  steps: z.array(stepSchema).optional(),
});

function own({ state, user, id }: Call, permission: string): WorkflowRow {
  const row = state.tables.workflows.get(id);
  if (row?.ownerId !== user.id) throw notFoundOrNoAccess(permission);
  return row;
}

function create({ state, user, body }: Call): Reply {
  const now = serverNow(state);
  const row = { id: randomUUID(), ownerId: user.id, ...bodyOf(workflowSchema, body), createdAt: now, updatedAt: now };
  put(state, 'workflows', row);
  return { status: 201, json: workflowAnswer(row) };
}

function change(call: Call): Reply {
  const row = own(call, 'workflow.update');
  const said = bodyOf(changeSchema, call.body);
  row.trigger = said.trigger ?? row.trigger;
  row.name = said.name === undefined ? row.name : said.name;
  row.description = said.description === undefined ? row.description : said.description;
  row.enabled = said.enabled ?? row.enabled;
  row.steps = said.steps ?? row.steps;
  row.updatedAt = serverNow(call.state);
  put(call.state, 'workflows', row);
  return { json: workflowAnswer(row) };
}

function remove(call: Call): Reply {
  const { id } = own(call, 'workflow.delete');
  call.state.tables.workflows.delete(id);
  call.state.keeper.row('workflows', id, undefined);
  return { status: 204 };
}

const since = '3.0';

/** Workflows came with 3.0 (sheet 5.4); before, their routes are unknown. */
export const workflowRoutes: Routes = {
  'GET /workflows': {
    permission: 'workflow.read',
    since,
    run: ({ state, user }) => ({
      json: [...state.tables.workflows.values()].filter(({ ownerId }) => ownerId === user.id).map(workflowAnswer),
    }),
  },
  'POST /workflows': { permission: 'workflow.create', since, run: create },
  'GET /workflows/:id': {
    permission: 'workflow.read',
    since,
    run: (call) => ({ json: workflowAnswer(own(call, 'workflow.read')) }),
  },
  'PUT /workflows/:id': { permission: 'workflow.update', since, run: change },
  'DELETE /workflows/:id': { permission: 'workflow.delete', since, run: remove },
};
