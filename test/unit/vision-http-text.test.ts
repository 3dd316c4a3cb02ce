import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cleanText, longestText } from '../../adapters/vision-http/answer-text.ts';

describe('the text that a person reads', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['is trimmed', '  A dog.\n', 'A dog.'],
    ['loses quotes around the whole', '"A dog."', 'A dog.'],
    ['loses typographic quotes too', '“A dog.”', 'A dog.'],
    ['keeps quotes that are part of it', '"Stop" and "Go"', '"Stop" and "Go"'],
    ['loses thinking', '<think>Hm.\nA cat?</think>\n\nA dog.', 'A dog.'],
    ['loses thinking whose beginning the template swallowed', 'Hm.</think>A dog.', 'A dog.'],
    ['loses thinking that was cut', 'A dog.<think>or', 'A dog.'],
    ['is empty where there was thinking only', '<think>or', ''],
    ['has no NUL, which Postgres refuses', 'A\u0000 dog.', 'A dog.'],
    ['has no half surrogate pair', 'A dog\ud83d', 'A dog\ufffd'],
  ];
  for (const [name, raw, clean] of rows) test(name, () => assert.equal(cleanText(raw), clean));

  test('is at most 8,000 characters and never ends inside a character', () => {
    const text = cleanText(`a${'🐕'.repeat(longestText)}`);
    assert.equal(text.length, longestText - 1);
    assert.ok(text.isWellFormed());
  });

  test('does not change when it is cleaned again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (raw) => {
        const once = cleanText(raw.replaceAll(/["'“”„«»]/g, ''));
        assert.equal(cleanText(once), once);
      }),
    );
  });
});

describe('a lead-in is taken off', () => {
  const rows: readonly string[] = [
    'Here is a description of the photo:',
    "Here's a detailed description of this image:\n\n",
    'Sure! Here’s a four-sentence description:\n',
    'Certainly, here are two to four plain sentences describing the photo:',
    'Of course! Here is the caption for your photo:',
    '**Description:**',
    '**Description**:',
    '## Description:\n',
    'Photo description:',
    'Description of the image:',
    'Вот описание фотографии:',
    'Вот краткое описание изображения:\n\n',
    'Конечно! Вот описание этой фотографии:',
    '**Описание фотографии:**',
  ];
  for (const leadIn of rows) {
    test(JSON.stringify(leadIn), () => assert.equal(cleanText(`${leadIn} "A dog."`), 'A dog.'));
  }
});

describe('what is no lead-in stays', () => {
  const rows: readonly string[] = [
    'Here is a dog: brown, small and wet.',
    'A sign reads: STOP.',
    'Here is a sign with captions: EXIT and NO SMOKING.',
    'Here is a description board in a museum: it names the birds.',
    'Description boards stand along a path: all are empty.',
    'The following is written on the wall: EAT.',
    'Sure! A dog.',
    'Here is a description of the photo:',
    'Two children, one description: joy.',
    'Описание товара лежит на столе: коробка и чек.',
    'Вот собака: маленькая и мокрая.',
    'Подпись: художника не видно.',
    '12:30 is on the clock.',
    'Caption:\u00a0',
  ];
  for (const text of rows) {
    test(JSON.stringify(text), () => assert.equal(cleanText(text), text.trim()));
  }
});

describe('marks around the whole are taken off, others stay', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['**A dog on a beach.**', 'A dog on a beach.'],
    ['*A dog.*', 'A dog.'],
    ['__A dog.__', 'A dog.'],
    ['# A dog on a beach', 'A dog on a beach'],
    ['**"A dog."**', 'A dog.'],
    ['**A dog** and **a cat**', '**A dog** and **a cat**'],
    ['A **dog**', 'A **dog**'],
    ['#1 stands on the shirt.', '#1 stands on the shirt.'],
    ['* a dog\n* a cat', '* a dog\n* a cat'],
    ['- a dog\n- a cat', '- a dog\n- a cat'],
  ];
  for (const [raw, clean] of rows) test(JSON.stringify(raw), () => assert.equal(cleanText(raw), clean));
});
