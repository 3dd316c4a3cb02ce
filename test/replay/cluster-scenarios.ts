import type { ClusterFacesInput, ClusterFacesResult } from '../../domain/clustering.ts';
import { type ClusterInput, workflowTypes } from '../../workflows/messages.ts';
import { padding, plain } from './scenarios.ts';

/** So many pages of new faces and one of those that were put off; the place begins with the page's number. */
const pages =
  (count: number, tail = '') =>
  async ({ after, deferred }: ClusterFacesInput): Promise<ClusterFacesResult> => {
    const at = after === undefined ? 0 : parseInt(after, 10);
    const page = { looked: 3, assigned: 1, people: 0, suggested: 1, deferred: deferred ? 0 : 1 };
    return !deferred && at + 1 < count ? { ...page, next: `${at + 1}${tail}` } : page;
  };

/** By the model that the run is for: nothing else tells the scenarios apart. */
const scenarios: Readonly<Record<string, typeof plain.clusterFaces>> = {
  'two-passes': pages(2),
  'nothing-new': plain.clusterFaces,
  'all-again': plain.clusterFaces,
  'continued-as-new': pages(6, padding),
};

export const clusterStep = async (input: ClusterFacesInput): Promise<ClusterFacesResult> => {
  const answer = scenarios[input.model];
  if (answer === undefined) throw new Error(`no scenario ${input.model}`);
  return await answer(input);
};

export const clusterRuns = Object.keys(scenarios).map((model) => ({
  workflowType: workflowTypes.clusterFaces,
  workflowId: `faces/${model}`,
  args: [{ model, ...(model === 'all-again' && { all: true }) } satisfies ClusterInput],
  name: `cluster-faces.${model}`,
}));
