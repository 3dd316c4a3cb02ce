import { z } from 'zod';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import { hostPath } from '../vision-http/connections.ts';
import { errorText, excerpt, inWords, parseJson } from '../vision-http/error-text.ts';
import { badRequest, nonsense, type RefusedAnswer } from '../vision-http/faults.ts';
import { type Asking, type Dialect, wrongShape } from './dialect.ts';
import { genericKind } from './kind.ts';

const numbers = z.array(z.unknown());
const model = z.string().optional().catch(undefined);
const detectAnswer = z.object({
  model,
  width: z.number().optional(),
  height: z.number().optional(),
  faces: z.array(
    z.object({
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      det_score: z.number().optional().catch(undefined),
      embedding: numbers,
    }),
  ),
});
const embedAnswer = z.object({ model, embedding: numbers.nullable() });

/** A server of one's own in front of insightface; docs/faces-service.md has what it is asked and what it answers. */
export const generic: Dialect = {
  kind: genericKind,
  forgetsModelAfterMs: Infinity,
  refused,
  async detect(asking, { jpeg, signal }) {
    const fields = { model: asking.model, min_score: String(asking.minScore) };
    const { data, error } = detectAnswer.safeParse(await asking.call({ path: '/detect', fields, jpeg, signal }));
    if (data === undefined) throw wrongShape(genericKind, asking.host, error);
    holdToModel(asking, data.model);
    const faces = data.faces.map(({ bbox, det_score: score, embedding }) => ({ corners: bbox, score, embedding }));
    return { faces, width: data.width, height: data.height };
  },
  async embed(asking, { jpeg, signal }) {
    const fields = { model: asking.model };
    const { data, error } = embedAnswer.safeParse(await asking.call({ path: '/embed', fields, jpeg, signal }));
    if (data === undefined) throw wrongShape(genericKind, asking.host, error);
    holdToModel(asking, data.model);
    return data.embedding ?? undefined;
  },
  /** A service without this path is one all the same; a web page is none. */
  async look(ask, host) {
    const answered = await ask('GET', hostPath(host, '/health'));
    const { status, text } = answered;
    const isThere = (status >= 200 && status < 300) || status === 404 || status === 405;
    const isPage = /^\s*</.test(text);
    return { answered, probe: isThere && !isPage ? { state: 'ready', simulated: answered.simulated } : undefined };
  },
};

/** Vectors of two models must never meet: one that names another model is not used. */
function holdToModel({ host, model: wanted }: Asking, named: string | undefined): void {
  if (named === undefined || named === wanted) return;
  const what = `${host} answers with vectors of ${excerpt(named)}, and FACE_MODEL is ${wanted}. Set both to the same model.`;
  throw new TransientError('ModelMissing', what);
}

/** What FastAPI says of a form that does not have its fields, and says with 422 too: not about the picture. */
const wrongForm = z.object({ detail: z.array(z.object({ loc: z.array(z.unknown()) })).min(1) });

function refused(answer: RefusedAnswer): Error | undefined {
  const { host, status, body } = answer;
  if (status !== 422) return undefined;
  if (/^\s*</.test(body)) return nonsense(genericKind, host, `422 ${inWords(body)}`);
  const said = excerpt(errorText(body)?.text ?? body);
  if (wrongForm.safeParse(parseJson(body)).success) {
    return badRequest('It has to take the form that docs/faces-service.md describes.')(answer, said);
  }
  const what = `${host} says that it cannot do this picture${said === '' ? '' : `: ${said}`}`;
  return new PermanentError('FaceServiceRefused', what, { host });
}
