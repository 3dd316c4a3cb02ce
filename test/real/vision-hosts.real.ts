import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { createVisionHosts } from '../../adapters/vision-hosts.ts';
import { defaultLimits, plainHost, roles, type VisionHost } from '../../domain/vision-host.ts';
import { loadSettings } from '../../runtime/config.ts';
import { loadVisionHosts } from '../../runtime/vision-hosts.ts';
import { freePort } from '../support/free-port.ts';
import { visionModelSuite } from '../suites/vision-model.suite.ts';

/**
 * The contract suite against real hosts: `VISION_HOSTS=http://gpu:11434 VISION_MODEL=llava npm run test:real`. It looks at the
 * protocol and not at the prose, so a toy model will do. No part of `npm test`: it needs somebody's host.
 */
const howTo =
  'test:real needs a vision host of yours: set VISION_HOSTS (and VISION_API, VISION_MODEL, VISION_TOKEN where they differ ' +
  'from their defaults), or VISION_HOSTS_FILE. For example: VISION_HOSTS=http://localhost:11434 VISION_MODEL=llava npm run test:real';

const isSet = (name: string) => (process.env[name] ?? '').trim() !== '';

if (isSet('VISION_HOSTS') || isSet('VISION_HOSTS_FILE')) {
  const hosts = await loadVisionHosts(loadSettings(process.env), process.env);
  for (const host of hosts) await testHost(host);
} else {
  test('a vision host is named', () => assert.fail(howTo));
}

async function testHost(host: VisionHost): Promise<void> {
  const { label } = host;
  const nobody = `http://127.0.0.1:${await freePort()}`;
  // Any noise will do for a picture: what is said of it is not looked at.
  const create = { width: 448, height: 336, channels: 3, background: '#808080' } as const;
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const jpeg = await sharp({ create: { ...create, noise } })
    .jpeg()
    .toBuffer();
  const tags = new Set(roles.flatMap((role) => host.models[role] ?? []));
  for (const model of tags) {
    describe(`${model} on ${label} (${host.api})`, { timeout: defaultLimits.loadMs }, async () => {
      const hosts = [host, plainHost(nobody, model, { api: host.api })];
      const { takesAnyName, before } = await ask(hosts, label, model);
      test('is ready', () => assert.equal(before.state, 'ready', 'detail' in before ? before.detail : ''));
      visionModelSuite(`${model} on ${label}`, async (t) => {
        const vision = createVisionHosts(hosts);
        t.after(() => vision.close());
        const getModel = (name: string) => (host.api === 'ollama' ? `ollama pull ${name}` : '/models');
        return { vision, host: label, model, jpeg, nobody, getModel, takesAnyName, mayBabble: true };
      });
    });
  }
}

/** What the suite has to know before it begins. */
async function ask(hosts: readonly VisionHost[], label: string, model: string) {
  const vision = createVisionHosts(hosts);
  try {
    const [before, other] = await Promise.all(
      [model, 'darkroom-no-such-model'].map((name) => vision.probe(label, name, AbortSignal.timeout(20_000))),
    );
    assert.ok(before !== undefined && other !== undefined);
    return { before, takesAnyName: other.state === 'ready' };
  } finally {
    await vision.close();
  }
}
