import type { Description } from '../../domain/description.ts';
import { ConfigError } from '../../domain/errors.ts';
import type { VisionCall } from '../../domain/host-ports.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { callOptions } from '../vision-http/call-options.ts';
import type { Connections } from '../vision-http/connections.ts';
import { bodyWithPicture } from '../vision-http/picture-body.ts';
import { streamedCall } from '../vision-http/streamed-call.ts';
import { answerSchema } from '../vision-http/structured.ts';
import { apiPath } from './base-path.ts';
import { createCompletionAnswer } from './completion-answer.ts';
import { openaiKind } from './kind.ts';

/** What the server is, where it has said so: then it takes more than all of them do. */
export type Server = 'llamacpp' | 'vllm' | undefined;

/** One `/v1/chat/completions` call. Throws the domain errors, or the reason of `call.signal` where the caller canceled. */
export const chat = async (
  connections: Connections,
  host: VisionHost,
  call: VisionCall,
  server: Server,
): Promise<Description> =>
  await streamedCall(connections, host, call, {
    kind: openaiKind,
    path: apiPath(host, '/chat/completions'),
    body: requestBody(host, call, server),
    answer: createCompletionAnswer({ host: host.label, model: call.model, output: call.recipe.output }),
  });

const slot = '"url":"data:image/jpeg;base64,';

/**
 * Only fields that every server takes: some answer 400 to one that they do not know. Null among the person's options leaves
 * a field out.
 */
function requestBody(host: VisionHost, call: VisionCall, server: Server): Buffer {
  const { model, prompt, recipe, conditions } = call;
  const ours = {
    stream_options: { include_usage: true },
    max_tokens: conditions.numPredict,
    temperature: conditions.temperature,
    seed: conditions.seed,
    ...penalties(conditions.repeatPenalty, server),
    ...(recipe.output === 'json' ? { response_format: responseFormat } : {}),
    // Others would have to be asked each in its own way, and some refuse what they do not know.
    ...(server === 'llamacpp' ? { chat_template_kwargs: { enable_thinking: false } } : {}),
  };
  const wanted = Object.entries(ours).filter(([name]) => host.options[name] !== null);
  const theirs = Object.entries(host.options).filter(([, value]) => value !== null);
  const options = callOptions(Object.fromEntries(wanted), Object.fromEntries(theirs), conditions);
  const most = options['max_tokens'];
  if (most !== undefined && !(Number(most) >= 1)) {
    throw new ConfigError(
      'BadConfig',
      `VISION_NUM_PREDICT, and max_tokens in the options of ${host.label} in the hosts file, must be at least 1.`,
    );
  }
  const picture = { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,' } };
  const messages = [{ role: 'user', content: [{ type: 'text', text: prompt }, picture] }];
  return bodyWithPicture(JSON.stringify({ ...options, model, stream: true, messages }), slot, call.jpeg);
}

const responseFormat = {
  type: 'json_schema',
  json_schema: { name: 'photo_description', strict: true, schema: answerSchema },
};

/**
 * `frequency_penalty` is known to all of them, 0 to 2 by addition; a penalty by multiplication of 1.2 is about half of one.
 * llama.cpp and vLLM have the other one too, each under its own name.
 */
function penalties(repeatPenalty: number | undefined, server: Server): Readonly<Record<string, number>> {
  if (repeatPenalty === undefined || repeatPenalty === 1) return {};
  const more = { llamacpp: { repeat_penalty: repeatPenalty }, vllm: { repetition_penalty: repeatPenalty } };
  const frequency_penalty = Math.round(Math.min(2, Math.max(0, (repeatPenalty - 1) * 2.5)) * 100) / 100;
  return { frequency_penalty, ...(server === undefined ? {} : more[server]) };
}
