import type { z } from 'zod';
import type { TransientError } from '../../domain/errors.ts';
import type { DetectInput } from '../../domain/face.ts';
import type { HostProbe } from '../../domain/host-ports.ts';
import type { Answered, Ask } from '../vision-http/ask.ts';
import type { CalledHost } from '../vision-http/connections.ts';
import { type HostKind, nonsense, type RefusedAnswer } from '../vision-http/faults.ts';
import type { Caller } from './call.ts';
import type { ToldPicture } from './faces.ts';

export interface Asking {
  readonly call: Caller;
  readonly host: string;
  readonly model: string;
  readonly minScore: number;
}

/** What a kind of face service is asked, and what its answers mean. What they hold is checked later (faces.ts). */
export interface Dialect {
  readonly kind: HostKind;
  /** It gives its model up when nobody asked for this long; the next call loads it again. */
  readonly forgetsModelAfterMs: number;
  /** What a refusal means where this kind of service means something of its own by it. */
  readonly refused?: (answer: RefusedAnswer) => Error | undefined;
  detect(asking: Asking, input: DetectInput): Promise<ToldPicture>;
  /** The numbers of one vector; undefined where no face is seen. */
  embed(asking: Asking, input: DetectInput): Promise<readonly unknown[] | undefined>;
  /** Is it there? Undefined where what answers is something else. */
  look(ask: Ask, host: Pick<CalledHost, 'label'>): Promise<{ probe: HostProbe | undefined; answered: Answered }>;
}

/** JSON that is no answer of this kind of service: which field is wrong, without the value. */
export function wrongShape(kind: HostKind, host: string, { issues }: z.ZodError): TransientError {
  const [issue] = issues;
  const where = issue === undefined || issue.path.length === 0 ? 'its answer' : `${issue.path.join('.')} in its answer`;
  return nonsense(kind, host, `${where} is not what was asked for (${issue?.message ?? 'wrong shape'})`);
}
