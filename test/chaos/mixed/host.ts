import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { visionApis } from '../../../domain/vision-host.ts';
import { seeded } from '../../support/pictures.ts';
import type { ScriptedAnswer } from '../../support/scripted-answer.ts';
import { startScriptedHost } from '../../support/scripted-host.ts';
import type { ChatCall } from '../../support/scripted-request.ts';
import { noteCall } from './call-log.ts';

/**
 * A vision host of its own process, which ends with its stdin: one call at a time, each of another length and in pieces, all
 * in a log that outlives it. Its answers name the picture that came and the call, so that each can be told from every other.
 */
const { values } = parseArgs({
  options: {
    name: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
    api: { type: 'string', default: 'ollama' },
    log: { type: 'string', default: '' },
    seed: { type: 'string', default: '0' },
    refuse: { type: 'string', default: '' },
  },
});
const { name, log } = values;
const api = z.enum(visionApis).parse(values.api);
const refused = new Set(values.refuse.split(','));
const random = seeded(Number(values.seed) + process.pid);
const ids = new Map<ChatCall, string>();

function answer(call: ChatCall, nth: number): ScriptedAnswer {
  const { picture } = call;
  const id = `${name}-${process.pid}-${nth}`;
  ids.set(call, id);
  const refuses = refused.has(picture);
  const words = ['A scripted picture', `${picture.slice(0, 12)},`, 'seen as', `${id}.`];
  noteCall(log, { kind: 'begin', at: Date.now(), id, picture, text: refuses ? '' : words.join(' ') });
  const times = { firstByteMs: 100 + Math.floor(random() * 1_100), pieceMs: Math.floor(random() * 150) };
  if (refuses) return { ...times, text: '', ...(api === 'openai' && { refusal: 'I cannot help with that.' }) };
  return { ...times, pieces: words.map((word, at) => (at === 0 ? word : ` ${word}`)) };
}

const host = await startScriptedHost({
  port: Number(values.port),
  api,
  answer,
  ended(call, whole) {
    noteCall(log, { kind: 'end', at: Date.now(), id: ids.get(call) ?? '', whole });
    ids.delete(call);
  },
});
process.stdout.write(`${JSON.stringify({ url: host.url })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await host.off();
