import { type HostKind, type HostSettings } from '../vision-http/faults.ts';

const faceSettings: HostSettings = {
  hosts: 'FACE_API_URL',
  tokens: 'FACE_API_TOKEN',
  api: 'FACE_API',
  account: 'FACE_API_TOKEN',
  smaller: 'lower VISION_LONG_SIDE',
};

const faceKind = (isNone: string): HostKind => ({
  isNone,
  settings: faceSettings,
  getModel: (_host, model) => `It has to load ${model}, or FACE_MODEL has to name the one that it has.`,
  whenForbidden: 'The token may not use it.',
  sayings: [],
});

export const immichMlKind = faceKind('no machine-learning service of Immich');
export const genericKind = faceKind('no face service as docs/faces-service.md has it');
