import type { Description } from '../../domain/description.ts';
import { ConfigError } from '../../domain/errors.ts';
import type { VisionCall } from '../../domain/host-ports.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { callOptions } from '../vision-http/call-options.ts';
import { type Connections, hostPath } from '../vision-http/connections.ts';
import { bodyWithPicture } from '../vision-http/picture-body.ts';
import { streamedCall } from '../vision-http/streamed-call.ts';
import { answerSchema } from '../vision-http/structured.ts';
import { createChatAnswer } from './chat-answer.ts';
import { ollamaKind } from './kind.ts';

/** One `/api/chat` call. Throws the domain errors, or the reason of `call.signal` where the caller canceled. */
export const chat = async (connections: Connections, host: VisionHost, call: VisionCall): Promise<Description> =>
  await streamedCall(connections, host, call, {
    kind: ollamaKind,
    path: hostPath(host, '/api/chat'),
    body: requestBody(host, call),
    answer: createChatAnswer({ host: host.label, model: call.model, output: call.recipe.output }),
  });

/**
 * Every call to a host carries the same options: Ollama loads a model again when they differ. `think` left out means
 * thinking on, `num_predict` 0 means without end.
 */
function requestBody(host: VisionHost, { model, prompt, jpeg, recipe, conditions }: VisionCall): Buffer {
  const { seed, temperature, numPredict, repeatPenalty } = conditions;
  const ours = {
    num_predict: numPredict,
    temperature,
    seed,
    ...(repeatPenalty === undefined ? {} : { repeat_penalty: repeatPenalty }),
  };
  const options = callOptions(ours, runnerOptions(host, recipe.numCtx), conditions);
  if (!(Number(options['num_predict']) >= 1)) {
    throw new ConfigError(
      'BadConfig',
      `VISION_NUM_PREDICT, and num_predict in the options of ${host.label} in the hosts file, must be at least 1: 0 means an answer without end to Ollama.`,
    );
  }
  const json = JSON.stringify({
    model,
    think: false,
    stream: true,
    keep_alive: host.keepAlive,
    ...(recipe.output === 'json' ? { format: answerSchema } : {}),
    options,
    messages: [{ role: 'user', content: prompt, images: [''] }],
  });
  return bodyWithPicture(json, '"images":["', jpeg);
}

/** The options that decide with what the model is loaded, so loading it must send the same ones; the person's win. */
export const runnerOptions = ({ options }: VisionHost, numCtx: number) => ({ num_ctx: numCtx, ...options });
