import { parseArgs } from 'node:util';
import { measureHumanEdits } from './immich/human-edits.ts';
import { measureOutage } from './immich/outage.ts';
import { tell } from './immich/scene.ts';
import { measureThroughput } from './immich/throughput.ts';
import type { Bench } from './main.ts';

const sizes = {
  whole: { assets: '10000', outage: 1_500, outageSeconds: 30, edits: 300 },
  quick: { assets: '200', outage: 100, outageSeconds: 3, edits: 30 },
} as const;

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const bench: Bench = {
  name: 'immich',
  claim: 'an Immich is asked little, loses no text when it goes away, and no person loses theirs',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { assets: { type: 'string' }, quick: { type: 'boolean', default: false } },
    });
    const size = values.quick ? sizes.quick : sizes.whole;
    const assets = Number(values.assets ?? size.assets);
    tell('Immich is the scripted one of the tests, in a process of its own; the model is SIMULATED and takes 0 ms.');
    const { photosPerSecond, requestsPerDescribed, requestsPerFinished, restartSeconds, restartDownloads } =
      await measureThroughput(assets);
    const { repeated, lost } = await measureOutage(size.outage, size.outageSeconds);
    const humanEditsLost =
      (await measureHumanEdits(size.edits, 'none')) + (await measureHumanEdits(size.edits, 'preserve-human'));
    return {
      bench: 'immich',
      assets,
      photosPerSecond: rounded(photosPerSecond, 1),
      requestsPerDescribed: rounded(requestsPerDescribed, 3),
      requestsPerFinished: rounded(requestsPerFinished, 4),
      restartSeconds: rounded(restartSeconds, 1),
      restartDownloads,
      outage: { repeated, lost },
      humanEditsLost,
    };
  },
};

export default bench;
