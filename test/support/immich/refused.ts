import { atLeast, type State } from './state.ts';

/** Thrown by a route: the request is answered with this status. `issues` where the request itself is wrong. */
export class Refused extends Error {
  readonly status: number;
  readonly issues: readonly Issue[] | undefined;
  constructor(status: number, message: string, issues?: readonly Issue[]) {
    super(message);
    this.status = status;
    this.issues = issues;
  }
}

export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const names: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Payload Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

export const notFoundOrNoAccess = (permission: string): Refused =>
  // Immich does not tell the two apart, and says 400 where one would expect 404 (its utils/access.ts).
  new Refused(400, `Not found or no ${permission} access`);

/** The body of an error: version 3 says less about the status and more about the fields (sheet 5.1). */
export function errorBody(state: State, { status, message, issues }: Refused): object {
  if (atLeast(state, '3.0')) {
    return issues === undefined ? { message } : { message: 'Validation failed', errors: issues };
  }
  const said = issues === undefined ? message : issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  return { message: said, error: names[status] ?? 'Error', statusCode: status, correlationId: '0x7a11yy' };
}
