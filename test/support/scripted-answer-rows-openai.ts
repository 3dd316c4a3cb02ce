import { row, type StatusRow } from './scripted-answer-rows.ts';

const error = (message: string, more: object = {}): string => JSON.stringify({ error: { message, ...more } });
/** vLLM before 0.10. */
const bare = (message: string, type: string, code: number): string =>
  JSON.stringify({ object: 'error', message, type, param: null, code });

/** As the servers' sources and documentation have them. The model that was asked for is `scripted-vl`. */
export const openaiRows: readonly StatusRow[] = [
  // llama.cpp
  row(
    400,
    error('Failed to load image or audio file', { code: 400, type: 'invalid_request_error' }),
    'Undecodable',
    /read/,
  ),
  row(
    400,
    error('the request exceeds the available context size, try increasing it', {
      code: 400,
      type: 'exceed_context_size_error',
      n_prompt_tokens: 5000,
      n_ctx: 4096,
    }),
    'BadRequest',
    /VISION_LONG_SIDE/,
  ),
  row(401, error('Invalid API Key', { code: 401, type: 'authentication_error' }), 'Unauthorized', /VISION_TOKEN/),
  row(
    500,
    error('image input is not supported - hint: if this is unexpected, you may need to provide the mmproj', {
      code: 500,
    }),
    'ModelCannotSee',
    /mmproj/,
  ),
  row(500, error('got exception: Chunk not found', { code: 500, type: 'server_error' }), 'HostFailed', /Chunk/),
  row(503, error('Loading model', { code: 503, type: 'unavailable_error' }), 'HostBusy', /Loading model/),
  row(
    404,
    error('File Not Found', { code: 404, type: 'not_found_error' }),
    'HostSpokeNonsense',
    /no OpenAI-compatible/,
  ),
  // vLLM
  row(404, bare('The model `scripted-vl` does not exist.', 'NotFoundError', 404), 'ModelMissing', /\/v1\/models/),
  row(404, error('The model `scripted-vl` does not exist.', { type: 'NotFoundError' }), 'ModelMissing', /scripted-vl/),
  row(400, bare('scripted-vl is not a multimodal model', 'BadRequestError', 400), 'ModelCannotSee', /VISION_MODEL/),
  row(
    400,
    bare('At most 0 image(s) may be provided in one prompt.', 'BadRequestError', 400),
    'ModelCannotSee',
    /0 image/,
  ),
  row(
    400,
    bare("This model's maximum context length is 4096 tokens. However, you requested 5000.", 'BadRequestError', 400),
    'BadRequest',
    /max-model-len/,
  ),
  row(
    400,
    error('The decoder prompt (length 5000) is longer than the maximum model length of 4096.', { code: 400 }),
    'BadRequest',
    /max-model-len/,
  ),
  row(400, error('cannot identify image file <_io.BytesIO object at 0x7f>', { code: 400 }), 'Undecodable', /identify/),
  row(401, '{"error":"Unauthorized"}', 'Unauthorized', /VISION_TOKEN/),
  row(404, '{"detail":"Not Found"}', 'HostSpokeNonsense', /Not Found/),
  row(
    422,
    '{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}}]}',
    'BadRequest',
    /Field required/,
  ),
  row(
    500,
    '{"object":"error","message":"EngineDeadError","type":"InternalServerError","code":500}',
    'HostFailed',
    /Dead/,
  ),
  // LM Studio
  row(400, '{"error":"Model does not support images. Please use a model that does."}', 'ModelCannotSee', /images/),
  row(
    404,
    error('No models loaded. Please load a model in the developer page or use the `lms load` command.', {
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    }),
    'ModelMissing',
    /\/v1\/models/,
  ),
  row(
    200,
    '{"error":"Unexpected endpoint or method. (POST /chat/completions). Returning 200 anyway"}',
    'HostSpokeNonsense',
    /Unexpected endpoint/,
  ),
  // OpenRouter
  row(400, error('scripted-vl is not a valid model ID', { code: 400 }), 'ModelMissing', /\/v1\/models/),
  row(401, error('No auth credentials found', { code: 401 }), 'Unauthorized', /VISION_TOKEN/),
  row(
    402,
    error('Insufficient credits. Add more using https://openrouter.ai/settings/credits', { code: 402 }),
    'Unauthorized',
    /credit/,
  ),
  row(
    403,
    error('Your chosen model requires moderation and your input was flagged', { code: 403 }),
    'Refused',
    /flagged/,
  ),
  row(403, error('Key limit exceeded', { code: 403 }), 'Unauthorized', /403/),
  row(404, error('No endpoints found that support image input', { code: 404 }), 'ModelCannotSee', /image input/),
  row(404, error('No endpoints found for scripted-vl.', { code: 404 }), 'ModelMissing', /scripted-vl/),
  row(404, error('No endpoints found matching your data policy', { code: 404 }), 'BadRequest', /account/),
  row(408, error('Request timed out', { code: 408 }), 'HostTimedOut', /408/),
  row(429, error('Rate limit exceeded: free-models-per-min.', { code: 429 }), 'HostBusy', /free-models/),
  row(502, error('Provider returned error', { code: 502 }), 'HostBroke', /Provider/),
  row(503, error('No instances available', { code: 503 }), 'HostBusy', /instances/),
  // Mistral, Google
  row(
    422,
    '{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"}',
    'BadRequest',
    /null leaves it out/,
  ),
  row(
    400,
    `[${error('Invalid JSON payload received. Unknown name "seed": Cannot find field.', { code: 400 })}]`,
    'BadRequest',
    /seed.*null leaves it out/,
  ),
  // OpenAI, and Azure
  row(401, error('Incorrect API key provided', { code: 'invalid_api_key' }), 'Unauthorized', /VISION_TOKEN/),
  row(
    404,
    error('The model `scripted-vl` does not exist or you do not have access to it.', { code: 'model_not_found' }),
    'ModelMissing',
    /\/v1\/models/,
  ),
  row(
    400,
    error("Unsupported parameter: 'max_tokens' is not supported with this model.", { code: 'unsupported_parameter' }),
    'BadRequest',
    /null leaves it out/,
  ),
  row(400, error('You uploaded an unsupported image.', { code: 'invalid_image_format' }), 'Undecodable', /unsupported/),
  row(
    400,
    error('Invalid content type. image_url is only supported by certain models.', { type: 'invalid_request_error' }),
    'ModelCannotSee',
    /image_url/,
  ),
  row(
    400,
    error("The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", {
      code: 'content_filter',
    }),
    'Refused',
    /filtered/,
  ),
  row(400, error('Something is wrong with what you sent', { code: null }), 'BadRequest', /report this/),
  row(429, error('You exceeded your current quota', { code: 'insufficient_quota' }), 'Unauthorized', /credit/),
  row(429, error('Rate limit reached', { code: 'rate_limit_exceeded' }), 'HostBusy', /429/, {
    'retry-after-ms': '1500',
  }),
  row(
    500,
    error('The server had an error while processing your request', { type: 'server_error' }),
    'HostFailed',
    /error/,
  ),
];
