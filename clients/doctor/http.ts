import { z } from 'zod';
import type { Finding } from '../../domain/checkup.ts';
import type { Settings } from '../../runtime/config.ts';
import type { Run } from '../../runtime/run-file.ts';

const limitMs = 5_000;
const problem = z.object({ reasons: z.array(z.string()) });

/** Is HTTP served, and what does it say of itself? */
export async function httpServed(
  run: Pick<Run, 'http'>,
  { DARKROOM_HTTP_ADDRESS: address }: Pick<Settings, 'DARKROOM_HTTP_ADDRESS'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const about = 'HTTP';
  if (run.http === undefined) {
    if (address === 'off') return [{ about, level: 'ok', detail: 'off, as DARKROOM_HTTP_ADDRESS says' }];
    const todo = `Something else may listen on ${address}: set DARKROOM_HTTP_ADDRESS to another port, or to off, and start "darkroom up" again.`;
    return [{ about, level: 'wrong', detail: 'nothing is served: no health checks, no webhooks', todo }];
  }
  const { url, host } = run.http;
  const where = `${url} (listens on ${host})`;
  try {
    const response = await fetch(`${url}/health/ready`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    });
    const text = await response.text();
    if (response.ok) return [{ about, level: 'ok', detail: where }];
    const { data } = problem.safeParse(parsed(text));
    return [{ about, level: 'away', detail: `${where}: ${data?.reasons.join(', ') ?? `answers ${response.status}`}` }];
  } catch {
    const todo = 'The engine may be starting; if it stays so, see logs/darkroom.log in the data folder.';
    return [{ about, level: 'away', detail: `${where}: does not answer`, todo }];
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
