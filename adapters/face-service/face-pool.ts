import type { DetectedFace, DetectInput, FaceApi, FaceProbe, FaceService } from '../../domain/face.ts';
import type { KeptPauses } from '../../domain/kept-pause.ts';
import type { HostLeases, HostMemory, HostProbe, HostStatus } from '../../domain/host-ports.ts';
import { createDrawing } from '../picture/drawing.ts';
import type { PooledHost } from '../vision-pool/entry.ts';
import type { HealthTiming } from '../vision-pool/host-health.ts';
import type { PoolLog } from '../vision-pool/host-watch.ts';
import { createVisionPool } from '../vision-pool/pool.ts';
import type { Permits } from '../vision-pool/slot-permits.ts';
import type { PoolWords } from '../vision-pool/words.ts';

export interface FacePoolDeps {
  /** All of one model: vectors of two must never meet. */
  readonly services: readonly FaceService[];
  /** What all of them speak, for `status`. */
  readonly api: FaceApi;
  /** Calls at once, per service. */
  readonly slots: number;
  readonly log: PoolLog;
  /** Where several workers share services. */
  readonly leases?: HostLeases | undefined;
  readonly memory?: HostMemory | undefined;
  /** Services that a person has paused. */
  readonly pauses?: Pick<KeptPauses, 'look'> | undefined;
  /** What a service is tried with that failed twice; a drawing of ours unless it is said. */
  readonly picture?: () => Promise<Pick<DetectInput, 'jpeg' | 'width' | 'height'>>;
  readonly now?: () => number;
  /** In [0, 1), for spreading pauses. */
  readonly random?: () => number;
  readonly timing?: Partial<HealthTiming>;
}

interface FaceTask extends DetectInput {
  /** Content hash: the service that a photo made fail does not get it first again. */
  readonly photo: string;
  /** Services to avoid; taken only where no other is left. */
  readonly exclude?: readonly string[];
}

/**
 * Throws what a service throws, TransientError NoHost at once where no slot is free for this photo, and PermanentError
 * FailsHosts where a service that did other photos failed on this one alone (domain/blame.ts).
 */
export interface FacePool {
  /** Of the services, for who computed vectors. */
  readonly model: string;
  readonly permits: Permits;
  detect(task: FaceTask): Promise<{ readonly host: string; readonly faces: readonly DetectedFace[] }>;
  /** `embedding` is undefined where no face is seen. */
  embed(task: FaceTask): Promise<{ readonly host: string; readonly embedding: Float32Array | undefined }>;
  status(): readonly HostStatus[];
  /** Undefined while a service can work, or while one was not asked yet; else why none can, and what to do, in words. */
  waitingFor(): string | undefined;
  /** Stops asking services, and breaks off their calls. */
  close(): Promise<void>;
}

const faceWords: PoolWords = {
  host: 'face service',
  start: 'Start it or set FACE_API_URL',
  setUp: 'set FACE_API_URL and FACE_MODEL',
};

/** All face services as one supply of slots, by the rules of vision hosts. Begins to ask them at once; `close` ends that. */
export function createFacePool(deps: FacePoolDeps): FacePool {
  const { services, api, slots, picture = createPicture(), ...rest } = deps;
  const model = modelOf(services);
  const byHost = new Map(services.map((service) => [service.host, service]));
  const find = (host: string): FaceService => {
    const service = byHost.get(host);
    if (service === undefined) throw new Error(`${host} is not one of the face services.`);
    return service;
  };
  const pool = createVisionPool({
    ...rest,
    hosts: services.map(({ host }): PooledHost => ({ label: host, api, models: { primary: model }, slots })),
    roleModels: { primary: model, fallback: model },
    vision: { probe: async (host, _model, signal) => hostProbeOf(await find(host).probe(signal)) },
    canary: async (host, _model, signal) => void (await find(host).detect({ ...(await picture()), signal })),
    words: faceWords,
  });
  const withLease = async <T>(task: FaceTask, work: (service: FaceService) => Promise<T>): Promise<T> => {
    const { photo, exclude = [], signal } = task;
    const lease = await pool.acquire({ models: [model], photo, exclude, signal });
    try {
      const result = await work(find(lease.host));
      lease.answered({});
      return result;
    } catch (error) {
      throw lease.failed(error);
    }
  };
  return {
    model,
    permits: pool.permits,
    detect: async (task) =>
      await withLease(task, async (service) => ({ host: service.host, faces: await service.detect(task) })),
    embed: async (task) =>
      await withLease(task, async (service) => ({ host: service.host, embedding: await service.embed(task) })),
    status: () => pool.status(),
    waitingFor: () => pool.waitingFor(),
    async close() {
      pool.close();
      await Promise.all(services.map((service) => service.close()));
    },
  };
}

function modelOf(services: readonly FaceService[]): string {
  const models = [...new Set(services.map(({ model }) => model))];
  const [model] = models;
  if (model === undefined || models.length > 1) throw new Error(`face services of one model, not ${models.length}`);
  return model;
}

const hostProbeOf = ({ isThere, detail, why }: FaceProbe): HostProbe =>
  isThere ? { state: 'ready', simulated: false } : { state: why ?? 'away', detail };

/** 4:3, as large as photos are sent. Nobody is on it: whether there is an answer is the question. */
function createPicture() {
  const width = 1344;
  const draw = createDrawing(width);
  return async () => ({ jpeg: await draw(), width, height: (width * 3) / 4 });
}
