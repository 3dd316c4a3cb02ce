import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvHeader, csvLine, jsonLine } from '../../domain/export-format.ts';
import type { ExportRow } from '../../domain/status.ts';

const row = (change: Partial<ExportRow> = {}): ExportRow => ({
  library: 'pictures',
  path: 'a.jpg',
  state: 'done',
  description: 'A boat.',
  model: 'm',
  host: 'http://h:11434',
  simulated: false,
  recipe: 'r',
  takenAt: undefined,
  promptTokens: 0,
  answerTokens: undefined,
  ms: 12.5,
  created: '2026-01-02T03:04:05.000Z',
  ...change,
});

test('a CSV line quotes what needs it and leaves absent values empty', () => {
  const line = csvLine(row({ path: 'a, "b".jpg', description: 'One.\nTwo.' }));
  assert.equal(
    line,
    'pictures,"a, ""b"".jpg",done,"One.\nTwo.",m,http://h:11434,false,r,,0,,12.5,2026-01-02T03:04:05.000Z\r\n',
  );
  assert.equal(csvHeader.split(',').length, 13);
});

test('a CSV field never begins like a formula', () => {
  for (const text of ['=1+1', '+1', '-1', '@x']) assert.ok(csvLine(row({ description: text })).includes(`,'${text},`));
});

test('a JSON line is one line with every field, also absent ones', () => {
  const line = jsonLine(row({ description: 'One.\nTwo.' }));
  assert.equal(line.indexOf('\n'), line.length - 1);
  const parsed: unknown = JSON.parse(line);
  assert.deepEqual(parsed, { ...row({ description: 'One.\nTwo.' }), takenAt: null, answerTokens: null });
});
