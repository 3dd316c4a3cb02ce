import { accountAnswer, keyAnswer } from './name-answers.ts';
import type { Routes } from './route.ts';
import { searchMetadata, searchStatistics } from './search.ts';
import { atLeast, type State } from './state.ts';
import type { WireFeatures } from './wire.ts';

/** What everybody may ask (sheet 5.2). */
export const publicAnswers: Readonly<Record<string, (state: State) => unknown>> = {
  'GET /server/ping': () => ({ res: 'pong' }),
  'GET /server/version': (state) => {
    const [major = 0, minor = 0, patch = 0] = state.settings.version.split('.').map(Number);
    return { major, minor, patch, ...(atLeast(state, '3.0') ? { prerelease: null } : {}) };
  },
  'GET /server/features': (state) => {
    const features: WireFeatures = {
      configFile: false,
      duplicateDetection: true,
      email: false,
      facialRecognition: true,
      importFaces: false,
      map: true,
      oauth: false,
      oauthAutoLaunch: false,
      ocr: true,
      passwordLogin: true,
      realtimeTranscoding: false,
      reverseGeocoding: true,
      search: true,
      sidecar: true,
      smartSearch: true,
      trash: true,
      ...state.settings.features,
    };
    return features;
  },
};

export const accountRoutes: Routes = {
  'GET /api-keys/me': {
    permission: false,
    run: ({ state, keyId }) => {
      const key = state.tables.keys.get(keyId);
      return { json: key === undefined ? {} : keyAnswer(key) };
    },
  },
  'GET /users/me': { permission: 'user.read', run: ({ state, user }) => ({ json: accountAnswer(state, user) }) },
  'POST /search/metadata': {
    permission: 'asset.read',
    run: ({ state, user, body }) => ({ json: searchMetadata(state, user, body) }),
  },
  'POST /search/statistics': {
    permission: 'asset.statistics',
    run: ({ state, user, body }) => ({ json: searchStatistics(state, user, body) }),
  },
};
