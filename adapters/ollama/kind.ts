import {
  badRequest,
  type HostKind,
  modelMissing,
  reportIt,
  sharedSayings,
  visionSettings,
} from '../vision-http/faults.ts';

/** Ollama in words. The status table is as measured on 0.17 and 0.33; test/support/scripted-answer-rows.ts has its rows. */
export const ollamaKind: HostKind = {
  isNone: 'no Ollama',
  settings: visionSettings,
  getModel: (_host, model) => `On that machine run: ollama pull ${model}`,
  whenForbidden:
    'A plain Ollama answers 403 to names it does not know: start it with OLLAMA_HOST=0.0.0.0, or use its IP address.',
  sayings: [
    ...sharedSayings,
    [
      /exceeds? the (available )?context|exceed_context_size/i,
      badRequest('Raise VISION_NUM_CTX, or lower VISION_LONG_SIDE or the length of VISION_PROMPT.'),
    ],
    [/model is required|invalid model name/i, badRequest('Check VISION_MODEL.')],
    [/^model ['"].*['"] not found|try pulling it/i, ({ host, model }) => modelMissing(ollamaKind, host, model)],
    [/must be of type|invalid (json schema|format)|invalid duration|zero length image/i, badRequest(reportIt)],
  ],
};
