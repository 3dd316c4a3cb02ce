import type { FaultCode } from '../../domain/errors.ts';
import type { FaceApi } from '../../domain/face.ts';
import { faceVector, type FaceScript, type ScriptedFace } from './scripted-faces.ts';

/** For a picture of 320 × 240. */
export const face = (more: Partial<ScriptedFace> = {}): ScriptedFace => ({ corners: [100, 60, 180, 160], ...more });
const json = (about: object): FaceScript => ({ body: JSON.stringify(about) });
export const page = '<!DOCTYPE html><html><title>Sign in to the network</title></html>';
const html = { 'content-type': 'text/html' };
const withNumber = (value: unknown) => ({ faces: [face({ embedding: [value, ...faceVector(1).slice(1)] })] });

type Row = readonly [name: string, script: FaceScript, code: FaultCode, words: RegExp];

/** Of both kinds of services. */
const shared: readonly Row[] = [
  ['a web page with 200', { body: page, headers: html }, 'HostSpokeNonsense', /“Sign in to the network”.*FACE_API_URL/],
  ['a web page with 404', { status: 404, body: page, headers: html }, 'HostSpokeNonsense', /404.*FACE_API\)/],
  ['an empty answer', { body: '' }, 'HostSpokeNonsense', /empty body/],
  ['JSON of another service', json({ predictions: [] }), 'HostSpokeNonsense', /is not what was asked for/],
  ['JSON that is no object', { body: '[1, 2]' }, 'HostSpokeNonsense', /its answer is not what was asked for/],
  ['an answer that ends early', { cut: 'short', faces: [face()] }, 'HostSpokeNonsense', /cut short/],
  ['a connection cut in the answer', { cut: 'middle', faces: [face()] }, 'HostBroke', /before its answer was whole/],
  ['a connection cut before the answer', { cut: 'before' }, 'HostBroke', /connection/],
  [
    'vectors of another length',
    { faces: [face({ embedding: [0.1, 0.2] })] },
    'HostSpokeNonsense',
    /2 numbers.*FACE_MODEL/,
  ],
  [
    'a vector of zeros',
    { faces: [face({ embedding: faceVector(1).map(() => 0) })] },
    'HostFailed',
    /without a direction/,
  ],
  ['a vector with NaN', withNumber(Number.NaN), 'HostFailed', /no number/],
  ['a vector with a text', withNumber('0.1'), 'HostFailed', /no number/],
  [
    'a vector too long for numbers',
    { faces: [face({ embedding: faceVector(1).map(() => 1e200) })] },
    'HostFailed',
    /direction/,
  ],
  [
    'a box far outside',
    { faces: [face({ corners: [900, 60, 980, 160] })] },
    'HostFailed',
    /900, 60, 980, 160.*320 × 240/,
  ],
  ['a box turned inside out', { faces: [face({ corners: [180, 60, 100, 160] })] }, 'HostFailed', /what cannot be/],
  [
    'a box in parts of the picture',
    { faces: [face({ corners: [0.2, 0.2, 0.6, 0.6] })] },
    'HostFailed',
    /what cannot be/,
  ],
  ['the measures of another picture', { size: { width: 240, height: 320 } }, 'HostFailed', /240 × 320.*320 × 240/],
  ['401', { status: 401, ...json({ detail: 'Not authenticated' }) }, 'Unauthorized', /FACE_API_TOKEN/],
  ['403', { status: 403, ...json({ detail: 'Forbidden' }) }, 'Unauthorized', /FACE_API_TOKEN/],
  ['400', { status: 400, ...json({ detail: 'zero size' }) }, 'BadRequest', /zero size/],
  ['413', { status: 413, body: page, headers: html }, 'BadRequest', /proxy limits/],
  ['429', { status: 429, ...json({ detail: 'slow down' }), headers: { 'retry-after': '7' } }, 'HostBusy', /slow down/],
  ['500', { status: 500, body: 'Internal Server Error' }, 'HostFailed', /\(500\).*FACE_MODEL/],
  ['502 of a proxy', { status: 502, body: page, headers: html }, 'HostBroke', /502/],
  ['503', { status: 503, body: 'starting' }, 'HostBusy', /503/],
  [
    'a redirect',
    { status: 302, body: '', headers: { location: 'https://login.example/?s=1' } },
    'HostSpokeNonsense',
    /redirects to https:\/\/login\.example\//,
  ],
];

export const faceRows: Readonly<Record<FaceApi, readonly Row[]>> = {
  'immich-ml': [
    ...shared,
    [
      '422: our form is not what it wants',
      { status: 422, ...json({ detail: 'Invalid request format.' }) },
      'BadRequest',
      /Invalid request format/,
    ],
    [
      'a vector that is no list',
      json({ 'facial-recognition': [{ boundingBox: { x1: 1, y1: 1, x2: 9, y2: 9 }, embedding: 'oops' }] }),
      'HostSpokeNonsense',
      /facial-recognition\.0\.embedding/,
    ],
  ],
  generic: [
    ...shared,
    [
      '422',
      { status: 422, ...json({ detail: 'cannot decode the image' }) },
      'FaceServiceRefused',
      /cannot decode the image/,
    ],
    ['422 without words', { status: 422, body: '' }, 'FaceServiceRefused', /cannot do this picture/],
    ['422 of a proxy', { status: 422, body: page, headers: html }, 'HostSpokeNonsense', /422/],
    [
      '422 for a form of another shape',
      { status: 422, ...json({ detail: [{ loc: ['body', 'file'], msg: 'Field required' }] }) },
      'BadRequest',
      /Field required.*docs\/faces-service\.md/,
    ],
    [
      'numbers that Python writes and JSON has not',
      { body: '{"faces": [{"bbox": [1, 1, 90, 90], "embedding": [NaN, -Infinity]}]}' },
      'HostSpokeNonsense',
      /2 numbers/,
    ],
    [
      'vectors of another model',
      { model: 'antelopev2', faces: [face()] },
      'ModelMissing',
      /antelopev2.*FACE_MODEL is buffalo_l/,
    ],
  ],
};
