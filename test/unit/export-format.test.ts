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
    'pictures,"a, ""b"".jpg",done,"One.\nTwo.",m,http://h:11434,false,r,,0,,12.5,2026-01-02T03:04:05.000Z,,,\r\n',
  );
  assert.equal(csvHeader.split(',').length, 16);
});

test('a CSV field never begins like a formula', () => {
  for (const text of ['=1+1', '+1', '-1', '@x']) assert.ok(csvLine(row({ description: text })).includes(`,'${text},`));
});

test('a JSON line is one line with every field, also absent ones', () => {
  const line = jsonLine(row({ description: 'One.\nTwo.' }));
  assert.equal(line.indexOf('\n'), line.length - 1);
  const parsed: unknown = JSON.parse(line);
  const absent = { takenAt: null, answerTokens: null, tags: null, textInImage: null, safety: null };
  assert.deepEqual(parsed, { ...row({ description: 'One.\nTwo.' }), ...absent });
});

test('a structured answer has its tags in one field of CSV, and as a list in JSON', () => {
  const structured = row({ tags: ['boat', 'blue, deep', '=x'], textInImage: 'STOP', safety: 'safe' });
  assert.ok(csvLine(structured).endsWith(',"boat;blue, deep;=x",STOP,safe\r\n'), csvLine(structured));
  assert.ok(csvLine(row({ tags: ['=1', 'b'] })).endsWith(",'=1;b,,\r\n"));
  assert.ok(csvHeader.endsWith(',tags,textInImage,safety\r\n'));
  const parsed: unknown = JSON.parse(jsonLine(structured));
  assert.deepEqual(parsed, { ...structured, takenAt: null, answerTokens: null });
});
