import { z } from 'zod';
import { faceApis, type FaceApi, type FaceLimits } from '../domain/face.ts';
import { hostAddress } from './host-address.ts';
import { httpUrl, list, number, oneOf, secret, variable } from './setting-kinds.ts';

const decimal = (fallback: number, min: number, max: number) => {
  const error = `is not a number from ${min} to ${max}`;
  return variable(z.coerce.number({ error }).min(min, { error }).max(max, { error }).default(fallback));
};

/** Every setting of faces, in the order of `.env.example`. */
export const faceSettings = {
  FACE_API_URL: variable(
    z
      .string()
      .default('')
      .transform(list)
      .pipe(z.array(httpUrl))
      .transform((urls) => [...new Set(urls.map((url) => url.replace(/\/+$/, '')))]),
  ),
  FACE_API: variable(oneOf(...faceApis).default('immich-ml')),
  FACE_MODEL: variable(z.string().trim().min(1).default('buffalo_l')),
  FACE_API_TOKEN: variable(z.string().transform(secret).optional()),
  FACE_MIN_SCORE: decimal(0.7, 0, 1),
  FACE_DETECT_CONCURRENCY: number(8, 1, 64),
  FACE_DETECT_TIMEOUT_SEC: number(60, 1, 3600),
  FACE_AUTOBIND_MIN_COS: decimal(0.4, 0, 1),
  FACE_MAX_DISTANCE: decimal(0.5, 0.01, 1.99),
  FACE_MIN_FACES: number(3, 1, 100),
  FACE_CLUSTER_MIN: number(10, 0, 10_080),
} as const;

const faceSchema = z.object(faceSettings);
type FaceSettings = z.infer<typeof faceSchema>;

/** One face service as it is set up: what `createFaceService` (adapters/face-service/) takes. */
interface FaceServiceSetting {
  readonly api: FaceApi;
  /** Without credentials. */
  readonly url: string;
  readonly model: string;
  /** A function, so that no log and no JSON can hold a secret. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly minScore: number;
  readonly limits: FaceLimits;
}

const connectMs = 5_000;
/** The first use of a model fetches it: buffalo_l is some 300 MB. */
const firstMs = 600_000;

/** Every face service, each once; none where faces are skipped. Credentials in a URL win over FACE_API_TOKEN. */
export function faceServicesOf(settings: FaceSettings): readonly FaceServiceSetting[] {
  const { FACE_API: api, FACE_MODEL: model, FACE_MIN_SCORE: minScore } = settings;
  const limits = { connectMs, firstMs, callMs: settings.FACE_DETECT_TIMEOUT_SEC * 1_000 };
  const services = settings.FACE_API_URL.map((address): FaceServiceSetting => {
    const { label: url, authorization } = hostAddress(address, settings.FACE_API_TOKEN?.reveal());
    return { api, url, model, minScore, limits, headers: () => (authorization === undefined ? {} : { authorization }) };
  });
  return [...new Map(services.map((service) => [service.url, service])).values()];
}
