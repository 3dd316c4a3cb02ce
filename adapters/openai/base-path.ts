import type { VisionHost } from '../../domain/vision-host.ts';
import { hostPath } from '../vision-http/connections.ts';

/** `/v1`, `/api/v1`, `/v1beta/openai`: the person has named the version, or what their server has instead of one. */
const namesVersion = /\/v\d+[a-z0-9]*(\/|$)/;

/** A path of the OpenAI API: the base URL of the host may or may not name the version. */
export const apiPath = (host: Pick<VisionHost, 'label'>, path: string): string =>
  namesVersion.test(hostPath(host, '')) ? hostPath(host, path) : hostPath(host, `/v1${path}`);

/** A path beside the OpenAI API, which llama.cpp has there. */
export const serverPath = (host: Pick<VisionHost, 'label'>, path: string): string =>
  `${hostPath(host, '').replace(/\/v\d+$/, '')}${path}`;

/** For messages: where the host lists its models. */
export const modelsUrl = (label: string): string => `${new URL(label).origin}${apiPath({ label }, '/models')}`;
