import { inScene, tell, untilEnded } from './scene.ts';

/** What a person typed, with the photo's id, so that no other text can hold it. */
const typed = (id: string): string => `Typed by a person on ${id}`;

/**
 * A person types a text on every photo after its preview was downloaded and before ours is written: on one half while the
 * model has it, on the other half just before the last look at the field. Answers how many of these texts are gone.
 */
export const measureHumanEdits = (assets: number, policy: 'none' | 'preserve-human'): Promise<number> =>
  inScene({ assets, policy }, async ({ immich, host, ids, start }) => {
    for (const [at, assetId] of ids.entries()) {
      if (at % 2 === 0)
        await immich().call(
          'editWhen',
          'after',
          { route: 'GET /assets/:id/thumbnail', assetId, times: 1 },
          typed(assetId),
        );
      else await immich().call('editWhen', 'before', { route: 'GET /assets/:id', assetId, times: 1 }, typed(assetId));
    }
    const up = await start();
    await untilEnded(up, assets);
    await up.stop();
    const texts = await Promise.all(ids.map(async (id) => ({ id, text: await immich().call('description', id) })));
    const lost = texts.filter(({ id, text }) => !text.includes(typed(id))).length;
    const both = texts.filter(({ id, text }) => text.includes(typed(id)) && text !== typed(id)).length;
    const edits = (await immich().call('writes')).filter(({ by }) => by === 'person').length;
    tell(
      `policy ${policy}: ${edits} edits, ${host.calls.length} model calls, ${lost} edits lost, ${both} with our text beside`,
    );
    if (edits !== assets) throw new Error(`${edits} of ${assets} edits were made`);
    return lost;
  });
