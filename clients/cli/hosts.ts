import { Argument } from 'commander';
import { UsageError } from '../usage-error.ts';
import type { Common, Shell } from './shell.ts';

/** `darkroom hosts`: the list of vision hosts, and what can be done with it. */
export function addHosts({ command, running, out, interrupted }: Shell): void {
  command('hosts', 'the vision hosts as they are now; or checks them, or has a changed hosts file read again')
    .addArgument(new Argument('[what]', 'what to do').choices(['list', 'check', 'reload']).default('list'))
    .argument('[file]', 'for check: a hosts file that is not in use yet')
    .action(async (what: 'list' | 'check' | 'reload', file: string | undefined, options: Common) => {
      const common = {
        dataDir: options.dataDir,
        env: process.env,
        json: options.json ?? false,
        signal: interrupted,
      };
      if (file !== undefined && what !== 'check') throw new UsageError('Only "darkroom hosts check" takes a file.');
      if (what === 'check') {
        const { checkHosts } = await import('../hosts/check.ts');
        process.exitCode = await checkHosts(out, { ...common, file });
      } else if (what === 'reload') {
        const { reloadHosts } = await import('../hosts/reload.ts');
        await reloadHosts(out, common);
      } else {
        const { hosts } = await import('../commands/hosts.ts');
        await running(options, (opened) => hosts(opened, out, common));
      }
    });
}
