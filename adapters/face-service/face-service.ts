import type { FaceApi, FaceLimits, FaceProbe, FaceService } from '../../domain/face.ts';
import type { HostProbe } from '../../domain/host-ports.ts';
import { asking, probing, refused } from '../vision-http/ask.ts';
import { createConnections } from '../vision-http/connections.ts';
import { inWords } from '../vision-http/error-text.ts';
import { nonsense } from '../vision-http/faults.ts';
import { type CalledService, createCaller, idleMs } from './call.ts';
import type { Dialect } from './dialect.ts';
import { facesOf, vectorOf } from './faces.ts';
import { generic } from './generic.ts';
import { immichMl } from './immich-ml.ts';

export interface FaceServiceOptions {
  readonly api: FaceApi;
  /** Base URL without credentials and without a slash at its end. */
  readonly url: string;
  readonly model: string;
  /** Of every request, `authorization` among them. A function, so that no log and no JSON can hold a secret. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** 0 to 1: faces that the service is less sure of do not count. */
  readonly minScore: number;
  readonly limits: FaceLimits;
  readonly log?: { info(about: object, message: string): void };
  readonly now?: () => number;
}

const dialects: Readonly<Record<FaceApi, Dialect>> = { 'immich-ml': immichMl, generic };

/** One face service over HTTP. Opens no connection before it is asked; `close` breaks off what is under way. */
export function createFaceService(options: FaceServiceOptions): FaceService {
  const { url, model, minScore, log, now = Date.now } = options;
  const dialect = dialects[options.api];
  const { kind } = dialect;
  const service: CalledService = {
    label: url,
    model,
    limits: options.limits,
    headers: options.headers ?? (() => ({})),
  };
  const connections = createConnections({ idleMs });
  const call = createCaller({ ...dialect, connections, service, now });
  const about = { call, host: url, model, minScore };
  return {
    host: url,
    model,
    async detect(input) {
      const { width, height } = input;
      const told = await dialect.detect(about, input);
      const { faces, found } = facesOf(told, { host: url, kind, width, height, minScore });
      if (found > faces.length) {
        log?.info({ host: url, found, kept: faces.length }, 'more faces on one photo than are kept: the largest stay');
      }
      return faces;
    },
    async embed(input) {
      const numbers = await dialect.embed(about, input);
      return numbers === undefined ? undefined : vectorOf(numbers, { host: url, kind });
    },
    async probe(signal) {
      return faceProbeOf(
        await probing(kind, url, async () => await look(dialect, service, asking(connections, service, signal))),
      );
    },
    close: () => connections.close(),
  };
}

async function look(dialect: Dialect, service: CalledService, ask: Parameters<Dialect['look']>[0]): Promise<HostProbe> {
  const { kind } = dialect;
  const { label } = service;
  const { probe, answered } = await dialect.look(ask, service);
  const known = probe ?? refused(kind, label, answered);
  if (known !== undefined) return known;
  const what = `${answered.status} ${inWords(answered.text)}`;
  // It may be starting, or full: whether it works, a picture shows.
  if (answered.status >= 500) return { state: 'away', detail: `answers ${what}` };
  return { state: 'nonsense', detail: nonsense(kind, label, what).message };
}

function faceProbeOf(probe: HostProbe): FaceProbe {
  if (probe.state === 'ready') return { isThere: true, detail: '' };
  const { state, detail } = probe;
  return { isThere: false, detail, ...((state === 'unauthorized' || state === 'nonsense') && { why: state }) };
}
