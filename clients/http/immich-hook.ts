import { z } from 'zod';
import { type Route, route } from './route.ts';
import { hookHeader, hookPath, hookSecret, isSameSecret } from './secrets.ts';

export interface ImmichHookDeps {
  readonly token: string;
  /** This photo of this library may be new. Answers at once; what it is worth is seen later. */
  readonly hint: (library: string, immichId: string) => void;
}

const params = z.object({ library: z.string().min(1).max(200) });

/** As the webhook step of Immich's workflows sends it (reference, 5.4); all but the id may change or be missing. */
const body = z.object({
  data: z.object({ asset: z.object({ id: z.guid() }) }),
});

/** Where Immich tells of a new photo. It asks only once and passes over our answer: 202, and the rest behind it. */
export const immichHookRoute = ({ token, hint }: ImmichHookDeps): Route =>
  route({
    method: 'POST',
    path: `${hookPath}/:library`,
    access({ params: given, header }) {
      const { data } = params.safeParse(given);
      return data !== undefined && isSameSecret(header(hookHeader), hookSecret(token, data.library));
    },
    tag: 'Webhooks',
    summary: 'Immich tells of a new photo',
    description: 'Made by "darkroom immich webhook"; the secret follows from the token and the name of the library.',
    params,
    body,
    returns: { status: 202, json: z.object({ status: z.literal('accepted') }) },
    examples: [
      {
        params: { library: 'immich' },
        body: { data: { asset: { id: '6f1d2c3b-1111-4222-8333-944455566677' } } },
        answer: { status: 'accepted' },
      },
    ],
    async answer(asked) {
      hint(asked.params.library, asked.body.data.asset.id.toLowerCase());
      return { json: { status: 'accepted' as const } };
    },
  });
