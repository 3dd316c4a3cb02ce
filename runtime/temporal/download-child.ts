import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * `node download-child.ts <folder> <version>`: the SDK fetches the CLI into the folder and starts a server from it, which
 * is ended at once. See download.ts.
 */
const [downloadDir = '', version = 'default'] = process.argv.slice(2);
try {
  const executable = { type: 'cached-download', version, downloadDir, ttl: '10 years' } as const;
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable, ip: '127.0.0.1' } });
  await environment.teardown();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`reason: ${reason.replaceAll('\n', ' ')}`);
  process.exitCode = 1;
}
