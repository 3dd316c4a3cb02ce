import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  addClustered,
  clusteredInWords,
  type ClusterPlace,
  type ClusterRound,
  nextPlace,
  nothingClustered,
} from '../domain/cluster-round.ts';
import type { Activities } from '../domain/contract.ts';
import { queues } from '../domain/queues.ts';
import { clusterQuery, type ClusterInput } from './messages.ts';

const step = (summary: string) =>
  proxyActivities<Pick<Activities, 'clusterFaces'>>({
    taskQueue: queues.control,
    // The first page after a start may read every vector: 100,000 of them are 200 MB.
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    summary,
  }).clusterFaces;

/** Finds out whose the faces are that nobody has: page by page through the new ones, then through those that were put off. */
export async function clusterFaces({ model, all = false, resume }: ClusterInput): Promise<ClusterRound> {
  let round: ClusterRound = resume?.round ?? { ...nothingClustered, startedAt: workflowInfo().startTime.getTime() };
  let place: ClusterPlace | undefined = resume?.place ?? { deferred: false };
  setHandler(clusterQuery, () => round, { description: 'How many faces were looked at so far, and what came of it' });

  while (place !== undefined) {
    const page = await step(place.deferred ? 'faces that were put off' : 'new faces')({ model, ...place });
    round = addClustered(round, page);
    place = nextPlace(place, page, { looked: round.looked, all });
    setCurrentDetails(clusteredInWords(round));
    if (place !== undefined && workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof clusterFaces>({ model, all, resume: { round, place } });
  }
  return { ...round, endedAt: Date.now() };
}
