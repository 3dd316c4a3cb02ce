import type { Common, Shell } from './shell.ts';
import { progress } from './terminal.ts';

/** `darkroom reconcile`: what is missing, now. */
export function addReconcile({ command, running, out, interrupted: signal }: Shell): void {
  command('reconcile', 'looks for runs that were lost and files that came unnoticed, and starts what is missing')
    .addHelpText('after', help)
    .action(async (options: Common) => {
      const { reconcile } = await import('../commands/reconcile.ts');
      const { json = false } = options;
      await running(options, async (opened) => {
        process.exitCode = await reconcile(opened, out, { json, progress, signal });
      });
    });
}

const help = `
It happens by itself every DARKROOM_RECONCILE_MIN minutes. Nothing is done twice: what is known is found again.

Exit codes: 0 done, 1 something could not be looked at or started, 3 Darkroom or Temporal is not reachable.

Examples:
  darkroom reconcile
  darkroom reconcile --json`;
