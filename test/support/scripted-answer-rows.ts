import type { FaultCode } from '../../domain/errors.ts';

/** A status and a body as a host sends them, what that means, and what the message must name. */
export interface StatusRow {
  readonly status: number;
  readonly body: string;
  readonly code: FaultCode;
  readonly words: RegExp;
  readonly headers?: Readonly<Record<string, string>>;
}

export const row = (
  status: number,
  body: string,
  code: FaultCode,
  words: RegExp,
  headers: Readonly<Record<string, string>> = {},
): StatusRow => ({ status, body, code, words, headers });

const json = (error: unknown): string => JSON.stringify({ error });
/** llama-server's own JSON, as a string inside Ollama's. */
const nested = (message: string, type = 'invalid_request_error'): string =>
  json(JSON.stringify({ error: { code: 400, message, type } }));

/** What stands between: proxies, and networks with a sign-in page. The same for every kind of host. */
export const proxyRows: readonly StatusRow[] = [
  row(302, '', 'HostSpokeNonsense', /redirects to http:\/\/wifi\/login/, { location: 'http://wifi/login' }),
  row(400, '<h1>The plain HTTP request was sent to HTTPS port</h1>', 'HostSpokeNonsense', /VISION_HOSTS/),
  row(404, '<title>404 Not Found</title>', 'HostSpokeNonsense', /VISION_HOSTS_FILE/),
  row(405, '405 method not allowed', 'HostSpokeNonsense', /VISION_API/),
  row(407, '', 'Unauthorized', /VISION_TOKEN/),
  row(408, '', 'HostTimedOut', /408/),
  row(413, '<title>413 Request Entity Too Large</title>', 'BadRequest', /VISION_LONG_SIDE/),
  row(429, '', 'HostBusy', /429/, { 'retry-after': '20' }),
  row(500, '', 'HostFailed', /500/),
  row(501, '<title>Error response</title>', 'HostSpokeNonsense', /501/),
  row(502, '<title>502 Bad Gateway</title>', 'HostBroke', /502/),
  row(503, '<title>503 Service Temporarily Unavailable</title>', 'HostBusy', /503/),
  row(504, '', 'HostBroke', /504/),
  row(507, '', 'HostBroke', /507/),
  row(511, '<title>Sign in to Hotel WiFi</title>', 'HostSpokeNonsense', /Sign in to Hotel WiFi/),
  row(522, '<title>Connection timed out</title>', 'HostBroke', /522/),
];

/** As measured on 0.17.4 and 0.33.0-rc2, and as read in the source. The model that was asked for is `scripted-vl`. */
export const ollamaRows: readonly StatusRow[] = [
  row(400, json('missing request body'), 'BadRequest', /missing request body/),
  row(400, json('unexpected EOF'), 'BadRequest', /unexpected EOF/),
  row(400, json('model is required'), 'BadRequest', /VISION_MODEL/),
  row(400, json('invalid model name'), 'BadRequest', /VISION_MODEL/),
  row(400, json('illegal base64 data at input byte 4'), 'BadRequest', /illegal base64/),
  row(400, json('json: cannot unmarshal number into Go struct field'), 'BadRequest', /unmarshal/),
  row(400, json('"scripted-vl" does not support thinking'), 'BadRequest', /thinking/),
  row(400, json('invalid think value: "max" (must be "high", "medium", "low", true, or false)'), 'BadRequest', /max/),
  row(400, json('time: invalid duration "soon"'), 'BadRequest', /soon/),
  row(400, json('"scripted-vl" does not support chat'), 'ModelCannotSee', /VISION_MODEL/),
  row(400, json('"scripted-vl" does not support generate'), 'ModelCannotSee', /VISION_MODEL/),
  row(
    400,
    nested('Multimodal data provided, but model does not support multimodal requests.'),
    'ModelCannotSee',
    /scripted-vl on http/,
  ),
  row(400, nested('Failed to load image or audio file'), 'Undecodable', /cannot read this picture/),
  row(400, json('the input length exceeds the context length'), 'BadRequest', /VISION_NUM_CTX/),
  row(
    400,
    nested('request (5000 tokens) exceeds the available context size (4096)', 'exceed_context_size_error'),
    'BadRequest',
    /VISION_NUM_CTX/,
  ),
  row(401, '{"error":"unauthorized","signin_url":"https://ollama.com/connect"}', 'Unauthorized', /VISION_TOKEN/),
  row(403, '', 'Unauthorized', /OLLAMA_HOST/),
  row(404, json("model 'scripted-vl' not found"), 'ModelMissing', /ollama pull scripted-vl$/),
  row(404, json('model "scripted-vl" not found, try pulling it first'), 'ModelMissing', /ollama pull scripted-vl$/),
  row(404, '404 page not found', 'HostSpokeNonsense', /no Ollama/),
  row(404, json('Not Found'), 'HostSpokeNonsense', /no Ollama/),
  row(429, json('too many requests'), 'HostBusy', /busy/),
  row(499, json('request canceled'), 'HostBroke', /canceled/),
  row(
    500,
    json(
      'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, check ollama server logs for details',
    ),
    'HostFailed',
    /unexpectedly stopped/,
  ),
  row(500, json('llama-server process no longer running: unknown'), 'HostFailed', /no longer running/),
  row(500, json('an error was encountered while running the model: unexpected EOF'), 'HostFailed', /unexpected EOF/),
  row(500, json('error loading model: tensor not found'), 'HostFailed', /tensor/),
  row(500, json('option "temperature" must be of type float32'), 'BadRequest', /temperature/),
  row(500, json('invalid format: "xml"; expected "json" or a valid JSON Schema object'), 'BadRequest', /xml/),
  row(500, json('invalid JSON schema in format'), 'BadRequest', /schema/),
  row(
    500,
    json('Failed to create new sequence: failed to process inputs: received zero length image'),
    'BadRequest',
    /zero/,
  ),
  row(
    500,
    nested('image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'),
    'ModelCannotSee',
    /mmproj/,
  ),
  row(500, json('got exception: Chunk not found'), 'HostFailed', /Chunk/),
  row(502, json('cloud model unreachable'), 'HostBroke', /unreachable/),
  row(503, json('server busy, please try again.  maximum pending requests exceeded'), 'HostBusy', /maximum pending/),
  row(503, json('Server overloaded, please retry shortly (ref: 1a2b)'), 'HostBusy', /retry shortly/),
];
