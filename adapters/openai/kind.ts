import { PermanentError } from '../../domain/errors.ts';
import { excerpt } from '../vision-http/error-text.ts';
import {
  badRequest,
  type Fault,
  type HostKind,
  modelMissing,
  outOfCredit,
  sharedSayings,
  visionSettings,
} from '../vision-http/faults.ts';
import { modelsUrl } from './base-path.ts';

const refused: Fault = ({ host, model }, text) =>
  new PermanentError('Refused', `${model} on ${host} refuses this photo: ${excerpt(text)}`, { host });

/**
 * OpenAI-compatible servers in words: llama.cpp, vLLM, LM Studio, OpenRouter and OpenAI itself, as their sources and
 * documentation have them; test/support/scripted-answer-rows-openai.ts has the rows.
 */
export const openaiKind: HostKind = {
  isNone: 'no OpenAI-compatible server',
  settings: visionSettings,
  getModel: (host, model) =>
    `Load ${model} there, or set VISION_MODEL, or the model of this host in the hosts file (VISION_HOSTS_FILE), to a name in ${modelsUrl(host)}.`,
  whenForbidden: 'Its token may not use this model.',
  sayings: [
    [/content[_ ](management )?(policy|filter)|content_policy_violation|was flagged|requires moderation/i, refused],
    ...sharedSayings,
    [
      /context (size|length|window)|exceed_context_size|maximum model length|context_length_exceeded/i,
      badRequest(
        'Start the server with more context (llama.cpp: -c, vLLM: --max-model-len), or lower VISION_LONG_SIDE, VISION_NUM_PREDICT or the length of VISION_PROMPT.',
      ),
    ],
    [/insufficient_quota|exceeded your current quota/i, ({ host }, text) => outOfCredit(openaiKind, host, text)],
    [/data policy|guardrail/i, badRequest('Change what the account allows at that provider, or choose another model.')],
    [
      /model.{0,200}(does not exist|not found|not loaded)|model_not_found|no endpoints found|not a valid model|invalid model (identifier|name)|no models loaded|unknown model/is,
      ({ host, model }) => modelMissing(openaiKind, host, model),
    ],
    [
      /unsupported (parameter|value)|unrecognized request argument|unknown (name|parameter|field|argument)|extra (inputs|fields) (are )?not permitted|unexpected keyword|response_format/i,
      badRequest(
        'Set that field under "options" of this host in the hosts file (VISION_HOSTS_FILE): null leaves it out of the request.',
      ),
    ],
  ],
};
