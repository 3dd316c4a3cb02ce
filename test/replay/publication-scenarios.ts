import { activityInfo } from '@temporalio/activity';
import { nothingUndone, type UndoPageInput, type UndoPageResult } from '../../domain/undo.ts';
import { nothingLookedAt, type VerifyPageInput, type VerifyPageResult } from '../../domain/verify.ts';
import { type UndoInput, workflowTypes } from '../../workflows/messages.ts';
import { padding, plain, type Scenario } from './scenarios.ts';

/** Texts of each kind in so many pages: the place begins with the page's number. */
const verifyPages =
  (count: number, tail = '') =>
  async ({ after }: VerifyPageInput): Promise<VerifyPageResult> => {
    const at = after === undefined ? 0 : parseInt(after, 10);
    const page = { ...nothingLookedAt, looked: 3, stands: 2, putBack: 1 };
    return at + 1 < count ? { ...page, next: `${at + 1}${tail}` } : page;
  };

const verifyScenarios: Readonly<Record<string, Scenario>> = {
  'two-kinds': () => ({ verifyPage: verifyPages(2) }),
  'continued-as-new': () => ({ verifyPage: verifyPages(4, padding) }),
};

const undoPages =
  (count: number, tail = '') =>
  async ({ after }: UndoPageInput): Promise<UndoPageResult> => {
    const at = after === undefined ? 0 : parseInt(after, 10);
    const page = { ...nothingUndone, looked: 3, undone: 2, edited: 1 };
    return at + 1 < count ? { ...page, next: `${at + 1}${tail}` } : page;
  };

const choice = { kind: 'since', library: 'recorded', from: 0 } as const;

const undoScenarios: Readonly<Record<string, { readonly input: UndoInput; readonly steps: Scenario }>> = {
  'up-to-a-limit': { input: { choice, limit: 4 }, steps: () => ({ undoPage: undoPages(9) }) },
  'dry-run': { input: { choice, dryRun: true }, steps: () => ({ undoPage: undoPages(2) }) },
  'continued-as-new': { input: { choice, limit: 100 }, steps: () => ({ undoPage: undoPages(6, padding) }) },
};

/** These workflows are about no library and no photo of the recorder's: what they are called tells the scenarios apart. */
const stepsOfRun = () => {
  const name = activityInfo().workflowExecution?.workflowId.replace(/^(verify|undo)\//, '') ?? '';
  const scenario =
    activityInfo().workflowType === 'verifyPublications' ? verifyScenarios[name] : undoScenarios[name]?.steps;
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return { ...plain, ...scenario(async () => undefined) };
};

export const publicationSteps = {
  verifyPage: (input: VerifyPageInput) => stepsOfRun().verifyPage(input),
  keepVerified: plain.keepVerified,
  undoPage: (input: UndoPageInput) => stepsOfRun().undoPage(input),
  countUndoable: async () => ({ count: 20 }),
};

/** Every scenario: what its run is called, what it is given, and the name of its history. */
export const publicationRuns: readonly { workflowType: string; workflowId: string; args: unknown[]; name: string }[] = [
  ...Object.keys(verifyScenarios).map((name) => ({
    workflowType: workflowTypes.verifyPublications,
    workflowId: `verify/${name}`,
    args: [],
    name: `verify.${name}`,
  })),
  ...Object.entries(undoScenarios).map(([name, { input }]) => ({
    workflowType: workflowTypes.undoPublications,
    workflowId: `undo/${name}`,
    args: [input],
    name: `undo.${name}`,
  })),
];
