import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apiPath, modelsUrl, serverPath } from '../../adapters/openai/base-path.ts';
import { openaiKind } from '../../adapters/openai/kind.ts';
import { faultOf } from '../../adapters/vision-http/faults.ts';
import { proxyRows } from '../support/scripted-answer-rows.ts';
import { openaiRows } from '../support/scripted-answer-rows-openai.ts';

const rows = [...openaiRows, ...proxyRows].filter(({ status }) => status !== 200);

describe('a status of an OpenAI-compatible server and its body say whose fault it is', () => {
  for (const { status, body, code, words, headers } of rows) {
    test(`${status} ${body.slice(0, 80)} is ${code}`, () => {
      const host = 'http://gpu:8080';
      const location = headers?.['location'];
      const error = faultOf(openaiKind, { host, model: 'scripted-vl', status, body, location, now: 0 });
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.ok(!error.message.includes('ollama pull'));
    });
  }
});

test('the base URL may name the version of the API or not, and may have a folder before it', () => {
  const paths: readonly (readonly [string, string])[] = [
    ['http://gpu:8080', '/v1/models'],
    ['http://gpu:8080/v1', '/v1/models'],
    ['http://gpu:8080/llm', '/llm/v1/models'],
    ['https://openrouter.ai/api/v1', '/api/v1/models'],
    ['https://generativelanguage.googleapis.com/v1beta/openai', '/v1beta/openai/models'],
  ];
  for (const [label, path] of paths) assert.equal(apiPath({ label }, '/models'), path);
  assert.equal(serverPath({ label: 'http://gpu:8080/v1' }, '/props'), '/props');
  assert.equal(modelsUrl('http://gpu:8080/v1'), 'http://gpu:8080/v1/models');
});
