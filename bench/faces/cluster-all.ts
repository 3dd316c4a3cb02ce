import { createClusterFacesActivities, type FaceClustering } from '../../activities/cluster-faces.ts';
import { attempt } from '../../test/support/attempt.ts';
import { model } from './memory-faces.ts';

/** As the settings are where nobody has changed them. */
const usual = { maxDistance: 0.5, minFaces: 3, taggedMinCosine: 0.4 };

interface Clustered {
  readonly seconds: number;
  readonly looked: number;
  readonly people: number;
}

/** All faces that nobody has, page by page in two passes, by the step that the workflow calls. */
export async function clusterAll(
  { indexes, assignments }: Pick<FaceClustering, 'indexes' | 'assignments'>,
  onPage: (looked: number) => void = () => undefined,
): Promise<Clustered> {
  const { clusterFaces } = createClusterFacesActivities({ clustering: { indexes, assignments, ...usual } });
  const begun = performance.now();
  let [looked, people] = [0, 0];
  for (const deferred of [false, true]) {
    for (let after: string | undefined; ;) {
      const page = await attempt().run(clusterFaces, { model, deferred, ...(after !== undefined && { after }) });
      looked += page.looked;
      people += page.people;
      onPage(looked);
      if (page.next === undefined) break;
      after = page.next;
    }
  }
  return { seconds: (performance.now() - begun) / 1_000, looked, people };
}
