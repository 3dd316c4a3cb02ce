import { z } from 'zod';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { postgresOptions } from '../../runtime/database/target.ts';

/** A process of its own that a test can kill: `<target as JSON> <folder>`. */
const [target, folder] = z.tuple([z.string(), z.string()]).parse(process.argv.slice(2));
const socketTarget = z.object({
  kind: z.literal('socket'),
  socketDir: z.string(),
  user: z.string(),
  database: z.string(),
});
await migrate(postgresOptions(socketTarget.parse(JSON.parse(target)), { max: 1 }), folder);
