import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { createPictureReader, type PictureOptions } from '../../adapters/picture/reader.ts';
import { TransientError } from '../../domain/errors.ts';
import { cameraExif, makePhoto, quadrants, tagged, writePicture } from '../support/pictures.ts';
import { whileLocked } from '../support/privileges.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { never, whole } from './picture-reader.suite.ts';

const taken = { takenAt: '2024-05-31T18:04:00', camera: 'Canon EOS R6', latitude: 52.5, longitude: 13.4 };

async function setup(t: TestContext, options: Partial<PictureOptions> = {}) {
  const said: string[] = [];
  const folder = await temporaryFolder(t);
  const reader = createPictureReader({ log: (message) => said.push(message), ...options });
  t.after(() => reader.close());
  const captureOf = async (bytes: Buffer, name: string | Buffer = 'a.jpg') =>
    whole(await reader.read({ ...(await writePicture(folder, name, bytes)), longSide: 64, signal: never })).content
      .capture;
  return { folder, reader, said, captureOf };
}

/** sharp writes no tags into TIFF. */
async function taggedTiff(t: TestContext): Promise<Buffer> {
  // Into EXIF alone: where there is XMP too, exiftool would be asked anyway.
  const tags = ['Make=Canon', 'Model=Canon EOS R6', 'DateTimeOriginal=2024:05:31 18:04:00', 'GPSLatitude=52.5'];
  const place = ['GPSLatitudeRef=N', 'GPSLongitude=13.4', 'GPSLongitudeRef=E'];
  const args = [...tags, ...place].map((tag) => `EXIF:${tag}`);
  return await tagged(t, await quadrants(64, 48).tiff().toBuffer(), args, 'a.tiff');
}

/** Pids of our child processes, as Linux knows them. */
const children = () =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
const openFiles = () => readdirSync('/proc/self/fd').length;

test('date, camera and place come from the EXIF of JPEG, PNG and WebP, and from the tags of TIFF', async (t) => {
  const { captureOf } = await setup(t);
  const photo = await makePhoto({ seed: 1, exif: cameraExif });
  for (const kind of ['jpeg', 'png', 'webp'] as const) {
    assert.deepEqual(await captureOf(await sharp(photo).keepExif().toFormat(kind).toBuffer()), taken, kind);
  }
  assert.deepEqual(await captureOf(await taggedTiff(t)), taken);
});

test('what only XMP says is read too', async (t) => {
  const { captureOf } = await setup(t);
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="33,30.0S"
    exif:GPSLongitude="70,6.0W" exif:DateTimeOriginal="2020-01-02T03:04:05.67+02:00"/></rdf:RDF></x:xmpmeta>`;
  const bytes = await quadrants(64, 48).withXmp(xmp).jpeg().toBuffer();
  assert.deepEqual(await captureOf(bytes), { takenAt: '2020-01-02T03:04:05', latitude: -33.5, longitude: -70.1 });
});

test('keywords of XMP and IPTC are one list, also where there is one word, or a number', async (t) => {
  const { captureOf } = await setup(t);
  const photo = await makePhoto({ seed: 1 });
  const words = ['XMP-dc:Subject=Märchen', 'XMP-dc:Subject=sea, sun', 'IPTC:Keywords=beach', 'IPTC:Keywords=2024'];
  const charset = ['IPTC:CodedCharacterSet=UTF8', 'IPTC:Keywords=МОРЕ', 'XMP-dc:Subject=море'];
  assert.deepEqual(await captureOf(await tagged(t, photo, [...charset, ...words])), {
    keywords: ['море', 'Märchen', 'sea, sun', 'beach', '2024'],
  });
  assert.deepEqual(await captureOf(await tagged(t, photo, ['IPTC:Keywords=007'])), { keywords: ['007'] });
  assert.deepEqual(await captureOf(await tagged(t, photo, ['XMP-dc:Subject=true'])), { keywords: ['true'] });
});

test('the caption is that of XMP, else of IPTC, else of EXIF, and never what the camera wrote there', async (t) => {
  const { captureOf } = await setup(t);
  const photo = await makePhoto({ seed: 1 });
  const camera = 'EXIF:ImageDescription=OLYMPUS DIGITAL CAMERA         ';
  const iptc = ['IPTC:CodedCharacterSet=UTF8', 'IPTC:Caption-Abstract=Закат у моря'];
  const captionOf = async (...tags: string[]) => (await captureOf(await tagged(t, photo, tags))).caption;
  assert.equal(await captionOf(camera, ...iptc, 'XMP-dc:Description=Dusk'), 'Dusk');
  assert.equal(await captionOf(camera, ...iptc), 'Закат у моря');
  assert.equal(await captionOf(camera), undefined);
  assert.equal(await captionOf('EXIF:ImageDescription=Dusk at sea'), 'Dusk at sea');
  assert.equal(await captionOf('XMP-dc:Description=DSC_0042', ...iptc), 'Закат у моря');
});

test('exiftool reads the descriptor, so a name that is no path for it is no matter', async (t) => {
  const { captureOf, said } = await setup(t);
  const name = Buffer.from('-ver\n\xff.jpg', 'latin1');
  assert.deepEqual(await captureOf(await makePhoto({ seed: 1, exif: cameraExif }), name), taken);
  assert.deepEqual(said, []);
});

test('exiftool is not started for pictures without tags', async (t) => {
  const { captureOf } = await setup(t);
  const before = children();
  assert.deepEqual(await captureOf(await makePhoto({ seed: 1 })), {});
  assert.deepEqual(children(), before);
});

test('without perl the EXIF is read by ourselves, said once, and nothing else fails', async (t) => {
  const { captureOf, said } = await setup(t, { exiftool: { perl: 'no-such-perl' } });
  const photo = await makePhoto({ seed: 1, exif: cameraExif });
  assert.deepEqual(await Promise.all([captureOf(photo, 'a.jpg'), captureOf(photo, 'b.jpg')]), [taken, taken]);
  assert.deepEqual(await captureOf(await sharp(photo).keepExif().png().toBuffer()), taken);
  assert.deepEqual(await captureOf(await taggedTiff(t)), taken);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /exiftool cannot be started.*no-such-perl.*perl installed/);
});

test('an exiftool that does not answer is waited for no longer than its limit, said once, and ended', async (t) => {
  const programs = {
    'never ready': 'exec sleep 60',
    'ready, then silent': "printf '13.0\\n{ready}\\n'; exec sleep 60",
  };
  for (const [name, program] of Object.entries(programs)) {
    const perl = `${await temporaryFolder(t)}/perl`;
    await writeFile(perl, `#!/bin/sh\n${program}\n`, { mode: 0o755 });
    const before = children();
    const { captureOf, reader, said } = await setup(t, { exiftool: { perl, timeoutMs: 300 } });
    const photo = await makePhoto({ seed: 1, exif: cameraExif });
    assert.deepEqual(await Promise.all([captureOf(photo, 'a.jpg'), captureOf(photo, 'b.jpg')]), [taken, taken], name);
    assert.equal(said.length, 1, name);
    await reader.close();
    assert.deepEqual(children(), before, name);
  }
});

test('after close no process and no open file is left', async (t) => {
  const before = { children: children(), files: openFiles() };
  const { captureOf, reader, folder } = await setup(t);
  await captureOf(await makePhoto({ seed: 1, exif: cameraExif }));
  assert.equal(children().length, before.children.length + 1);
  await assert.rejects(captureOf(Buffer.from('no picture')));
  await reader.close();
  assert.deepEqual({ children: children(), files: openFiles() }, before);
  assert.deepEqual(readdirSync(folder), ['a.jpg']);
});

test('a file that may not be read is the library that is unreadable, and the message says what to do', async (t) => {
  const { folder, reader } = await setup(t);
  await mkdir(`${folder}/shut`);
  const { path, expected } = await writePicture(folder, 'shut/a.jpg', await makePhoto({ seed: 1 }));
  const input = { path, expected, longSide: 64, signal: never };
  const refusal = (error: unknown) =>
    error instanceof TransientError && error.code === 'LibraryUnreadable' && /allow the user/.test(error.message);
  await whileLocked(path.toString(), () => assert.rejects(reader.read(input), refusal));
  await whileLocked(`${folder}/shut`, () => assert.rejects(reader.read(input), refusal));
});
