import { restWorld } from '../support/immich-rest-world.ts';
import { immichLibrarySuite } from './immich-library.suite.ts';

for (const version of ['2.5.6', '2.7.5', '3.1.0', '3.2.0']) {
  immichLibrarySuite(`REST, ${version}`, () => restWorld(version), { compares: false });
}
