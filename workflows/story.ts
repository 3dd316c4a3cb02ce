import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { AssetRef } from '../domain/asset.ts';
import type { StoryLine } from '../domain/contract.ts';
import { stageQuery } from './messages.ts';

/** What happened to one photo, told as it happens: in the Web UI (current details), to queries, and kept with the run. */
export interface Story {
  readonly lines: readonly StoryLine[];
  /** A step begins, or goes on in another way. The same step told again replaces its line. */
  tell(step: string, note: string): void;
}

export function beginStory(asset: AssetRef): Story {
  const lines: StoryLine[] = [];
  setHandler(
    stageQuery,
    () => ({ stage: lines.at(-1)?.step ?? 'settle', note: lines.at(-1)?.note ?? '', story: lines }),
    { description: 'Where this photo is in its pipeline, and how it got there' },
  );
  return {
    lines,
    tell(step, note) {
      const line = { step, at: Date.now(), note };
      if (lines.at(-1)?.step === step) lines[lines.length - 1] = line;
      else lines.push(line);
      setCurrentDetails(asTable(asset, lines));
    },
  };
}

function asTable(asset: AssetRef, lines: readonly StoryLine[]): string {
  const rows = lines.map(({ step, at, note }) => `| ${step} | ${timeOf(at)} | ${cell(note)} |`);
  return [
    `**${cell(asset.path)}** in *${cell(asset.library)}*`,
    '',
    '| step | UTC | |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 19);
const cell = (text: string): string => text.replace(/[|\n\r]/g, ' ');
