import type { FaceClustering } from '../activities/cluster-faces.ts';
import type { FaceSteps } from '../activities/find-faces.ts';
import { createPlaceFaces } from '../activities/place-faces.ts';
import { createFaceDetector } from '../adapters/face-service/face-detector.ts';
import { createFacePool, type FacePool } from '../adapters/face-service/face-pool.ts';
import { createFaceService } from '../adapters/face-service/face-service.ts';
import { createFaceIndexes } from '../adapters/face-index/face-indexes.ts';
import { connect, type Database, type DatabaseAddress } from '../adapters/postgres/connection.ts';
import { createFaceAssignments } from '../adapters/postgres/face-assignments.ts';
import { createFaceStore } from '../adapters/postgres/face-store.ts';
import { createFaceVectors } from '../adapters/postgres/face-vectors.ts';
import { createTaggedPeople } from '../adapters/postgres/tagged-people.ts';
import { createToldPeople } from '../adapters/postgres/told-people.ts';
import { clusterLimits } from '../domain/clustering.ts';
import type { KeptPauses } from '../domain/kept-pause.ts';
import type { HostLeases, HostMemory } from '../domain/host-ports.ts';
import type { Settings } from '../runtime/config.ts';
import { faceServicesOf } from '../runtime/face-settings.ts';
import type { Logger } from '../runtime/log.ts';

export interface FacesInput {
  readonly settings: Settings;
  readonly database: Database;
  /** Where it is. */
  readonly address: DatabaseAddress;
  readonly leases: HostLeases | undefined;
  readonly memory: HostMemory;
  readonly pauses: Pick<KeptPauses, 'look'>;
  readonly log: Logger;
}

interface FaceServices {
  readonly pool: FacePool;
  /** Calls at once, of all services together. */
  readonly slotCount: number;
}

/** What the steps know of faces, and the services that find them. */
export interface Faces {
  /** Undefined where no face service is set up. */
  readonly services: FaceServices | undefined;
  readonly steps: FaceSteps;
  readonly clustering: FaceClustering;
  /** Breaks off calls of services, and closes connections. */
  close(): Promise<void>;
}

/** An index of 100,000 vectors takes pgvector minutes. */
const indexLimitMs = 3_600_000;

export function createFaces(input: FacesInput): Faces {
  const { settings, database, address } = input;
  const services = createServices(input);
  const [store, vectors] = [createFaceStore({ database }), createFaceVectors({ database })];
  const [assignments, tagged] = [createFaceAssignments({ database }), createTaggedPeople({ database })];
  const patient = connect(address, { max: 1, limitMs: indexLimitMs });
  const indexes = createFaceIndexes({ database, patient, vectors });
  const limits = {
    maxDistance: settings.FACE_MAX_DISTANCE,
    minFaces: settings.FACE_MIN_FACES,
    taggedMinCosine: settings.FACE_AUTOBIND_MIN_COS,
  };
  const place = createPlaceFaces({
    indexes,
    store,
    vectors,
    assignments,
    named: tagged.named,
    limits: clusterLimits(limits),
  });
  return {
    services,
    steps: {
      model: settings.FACE_MODEL,
      store,
      told: createToldPeople({ database }),
      ...(services !== undefined && { eyes: { detector: createFaceDetector(services.pool), place } }),
    },
    clustering: { indexes, assignments, taggedPeople: tagged.of, ...limits },
    close: async () => void (await Promise.all([services?.pool.close(), patient.close()])),
  };
}

function createServices({ settings, leases, memory, pauses, log }: FacesInput): FaceServices | undefined {
  const services = faceServicesOf(settings);
  if (services.length === 0) return undefined;
  const faceLog = log.child({ source: 'faces' });
  const slots = settings.FACE_DETECT_CONCURRENCY;
  const pool = createFacePool({
    services: services.map((service) => createFaceService({ ...service, log: faceLog })),
    api: settings.FACE_API,
    slots,
    leases,
    memory,
    pauses,
    log: faceLog,
  });
  return { pool, slotCount: slots * services.length };
}
