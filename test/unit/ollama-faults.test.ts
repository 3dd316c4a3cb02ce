import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ollamaKind } from '../../adapters/ollama/kind.ts';
import { sameModel } from '../../adapters/ollama/loaded.ts';
import { keepsNothing } from '../../adapters/ollama/load.ts';
import { faultOf } from '../../adapters/vision-http/faults.ts';
import { PermanentError } from '../../domain/errors.ts';
import { ollamaRows, proxyRows } from '../support/scripted-answer-rows.ts';

const fault = (status: number, body: string, location?: string) =>
  faultOf(ollamaKind, { host: 'http://gpu:11434', model: 'scripted-vl', status, body, location, now: 0 });

describe('a status of Ollama and its body say whose fault it is', () => {
  for (const { status, body, code, words, headers } of [...ollamaRows, ...proxyRows]) {
    test(`${status} ${body.slice(0, 60)} is ${code}`, () => {
      const error = fault(status, body, headers?.['location']);
      assert.equal(error.code, code);
      assert.match(error.message, words);
    });
  }
});

test('every picture that a host cannot read names the host, so that another one is tried next', () => {
  const error = fault(400, JSON.stringify({ error: 'Failed to load image or audio file' }));
  assert.ok(error instanceof PermanentError);
  assert.equal(error.host, 'http://gpu:11434');
});

test('model names without a tag mean latest, and case does not matter', () => {
  assert.ok(sameModel('llava:latest', 'llava'));
  assert.ok(sameModel('hf.co/Org/Model-GGUF:Q4_K_M', 'hf.co/org/model-gguf:q4_K_M'));
  assert.ok(sameModel('host:5000/llava', 'host:5000/llava:latest'));
  assert.ok(!sameModel('llava:7b', 'llava'));
  assert.ok(!sameModel(undefined, 'llava'));
});

test('a keep-alive of nothing is told from every other one: loading with it would unload', () => {
  for (const nothing of [0, '0', '0s', '0m0s', '00', '0.0h']) assert.ok(keepsNothing(nothing), String(nothing));
  for (const some of [-1, 300, '10m', '-1', '0m30s', '0.5h', '10', '1h0m'])
    assert.ok(!keepsNothing(some), String(some));
});
