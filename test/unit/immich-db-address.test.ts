import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { immichAddress } from '../../adapters/immich-db/address.ts';
import { assetOfPreview } from '../../adapters/immich-db/preview-watch.ts';
import { ConfigError } from '../../domain/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const base = 'postgres://me:s3cret@db.example:5433/immich';

test('what the driver would hand on to the server as a setting is taken off the address, all else stays', () => {
  const { url, options } = immichAddress(`${base}?sslmode=require&application_name=mine&host=%2Frun%2Fpostgresql`);
  assert.equal(url, `${base}?application_name=mine`);
  assert.equal(options?.path, '/run/postgresql/.s.PGSQL.5433');
});

test('without sslmode there is no TLS, and a mode nobody knows is refused', () => {
  assert.equal(immichAddress(base).options?.ssl, false);
  assert.equal(immichAddress(`${base}?sslmode=disable`).options?.ssl, false);
  assert.equal(immichAddress(`${base}?sslmode=prefer`).options?.ssl, 'prefer');
  assert.throws(() => immichAddress(`${base}?sslmode=on`), /IMMICH_DB_URL has sslmode=on; it may be disable/);
});

test('a name in the certificate is compared in verify-full only', async (t) => {
  const file = join(await temporaryFolder(t), 'ca.pem');
  await writeFile(file, 'an authority');
  const certificate = { subject: { CN: 'other.example' }, subjectaltname: 'DNS:other.example' };
  const verdict = (parameters: string): unknown => {
    const ssl: unknown = immichAddress(`${base}?${parameters}`).options?.ssl;
    assert.ok(typeof ssl === 'object' && ssl !== null && 'checkServerIdentity' in ssl && 'ca' in ssl);
    assert.equal(ssl.ca, 'an authority');
    assert.ok(typeof ssl.checkServerIdentity === 'function');
    return ssl.checkServerIdentity('', certificate);
  };
  assert.ok(verdict(`sslmode=verify-full&sslrootcert=${file}`) instanceof Error);
  assert.ok(verdict(`sslrootcert=${file}`) instanceof Error);
  assert.equal(verdict(`sslmode=verify-ca&sslrootcert=${file}`), undefined);
  assert.equal(verdict(`sslmode=require&sslrootcert=${file}`), undefined);
});

test('an address that is none, or names a file that is not there, is refused without its password', () => {
  for (const wrong of ['', 'mysql://me:s3cret@db/immich', `${base}?sslmode=verify-ca&sslrootcert=/nowhere.pem`]) {
    assert.throws(
      () => immichAddress(wrong),
      (error) => error instanceof ConfigError && /IMMICH_DB_URL/.test(error.message) && !/s3cret/.test(error.message),
    );
  }
});

test('an asset is told by the name of its preview, old or new, and a person by none', () => {
  const id = '6f1d2c3b-1111-4222-8333-944455566677';
  for (const name of [
    `${id}_preview.jpeg`,
    `a/b/${id}-preview.webp`,
    `${id}_preview_edited.jpeg`,
    `${id.toUpperCase()}_preview.jpg`,
  ]) {
    assert.equal(assetOfPreview(name), id, name);
  }
  for (const name of [
    `${id}.jpeg`,
    `${id}_thumbnail.webp`,
    `${id}_fullsize.jpeg`,
    `x${id}_preview.jpeg`,
    `${id}_preview.jpeg.tmp`,
  ]) {
    assert.equal(assetOfPreview(name), undefined, name);
  }
});
