import { continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { type BackfillProgress, nothingYet, progressInWords, tally, usualSteering } from '../domain/backfill.ts';
import type { StartPageResult } from '../domain/contract.ts';
import { selectionInWords } from '../domain/selection.ts';
import { type BackfillInput, type BackfillView, progressQuery, rescanSignal } from './messages.ts';
import { isPatched } from './patches.ts';
import { takeTheWheel, type Wheel } from './steering.ts';
import { keepBackfill, startPageStep } from './steps.ts';

const defaultPageSize = 100;

/** Events after which a run continues as a new one, some 16,000 photos. Temporal itself suggests it at 4,096. */
const eventsPerRun = 1_000;

/**
 * Starts a run for every photo that needs one, page by page: of a whole library, or of the photos that were chosen. It ends
 * when all are started; each photo's run lives by itself.
 */
export async function backfill(input: BackfillInput): Promise<BackfillProgress> {
  const { resume } = input;
  let progress = resume?.progress ?? nothingYet;
  let again = resume?.again ?? false;
  let cursor = resume?.cursor;
  const wheel = takeTheWheel(
    resume?.steering ?? steeringOf(input),
    (problem) => (progress = tally(progress, { ...nothingYet, problems: [problem] })),
  );
  setHandler(progressQuery, () => viewOf(input, progress, wheel), {
    description: 'What this backfill has seen and started, and how it is steered',
  });
  setHandler(rescanSignal, () => void (again = true), { description: 'Look through the library once more' });
  // Here the handler has run for signals that came before this run's first step. One that came with the very start asks for
  // the pass that begins now; one that came while a run continued as a new one asks for another pass.
  if (resume === undefined) again = false;
  // While what was done is written down, which takes as long as the database is away. A run of an earlier version returned.
  const isWishedMeanwhile = (): boolean => again && wheel.now().cancelled === undefined && isPatched('wishAtTheEnd');
  // Asked once at the beginning: a run of an earlier version goes on to its end as it began.
  const isLong = isPatched('shortRuns') ? longerThan(eventsPerRun) : longerThan(Infinity);

  for (;;) {
    tell(input, progress, wheel);
    await wheel.whenOn();
    if (wheel.now().cancelled !== undefined) return await ended(input, progress, wheel);
    const page = await wheel.untilSteered(() => nextPage(input, cursor, wheel));
    if (page === undefined) continue;
    progress = tally(progress, page);
    cursor = page.next;
    if (cursor === undefined && page.cut === undefined) {
      progress = { ...progress, passes: progress.passes + 1 };
      if (!again) {
        await ended(input, progress, wheel);
        if (!isWishedMeanwhile()) return progress;
      }
      again = false;
    }
    if (!isLong()) continue;
    const carried = { cursor, progress, again, steering: wheel.now(), since: since(input) };
    return await continueAsNew<typeof backfill>({ ...input, resume: carried });
  }
}

function viewOf(input: BackfillInput, progress: BackfillProgress, wheel: Wheel): BackfillView {
  const chosen = chosenFor(input);
  return { ...progress, steering: wheel.now(), since: since(input), ...(chosen !== undefined && { chosen }) };
}

const steeringOf = ({ window, priority }: BackfillInput) => ({
  window: window ?? usualSteering.window,
  priority: priority ?? usualSteering.priority,
});

const longerThan = (events: number) => (): boolean => {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return historyLength >= events || continueAsNewSuggested;
};

const since = ({ resume }: BackfillInput): number => resume?.since ?? workflowInfo().startTime.getTime();

const idOf = ({ goesOn }: BackfillInput): string => goesOn ?? workflowInfo().firstExecutionRunId;

const chosenFor = (input: BackfillInput) =>
  input.chosen === undefined ? undefined : { ...input.chosen, backfill: idOf(input) };

function nextPage(input: BackfillInput, cursor: string | undefined, wheel: Wheel): Promise<StartPageResult> {
  const { window, priority } = wheel.now();
  const chosen = chosenFor(input);
  return startPageStep(`start the next photos of ${input.library}`)({
    library: input.library,
    pageSize: input.pageSize ?? defaultPageSize,
    window,
    priority,
    ...(cursor !== undefined && { cursor }),
    ...(chosen !== undefined && { chosen }),
  });
}

async function ended(input: BackfillInput, progress: BackfillProgress, wheel: Wheel): Promise<BackfillProgress> {
  tell(input, progress, wheel);
  if (!isPatched('keepBackfill')) return progress;
  const { workflowId } = workflowInfo();
  const { cancelled } = wheel.now();
  const chosen = chosenFor(input);
  await keepBackfill({
    backfill: idOf(input),
    workflowId,
    library: input.library,
    startedAt: since(input),
    endedAt: Date.now(),
    outcome: cancelled === undefined ? 'finished' : 'cancelled',
    progress,
    ...(chosen !== undefined && { chosen }),
    ...(cancelled !== undefined && { reason: cancelled.reason }),
  });
  return progress;
}

/** What the Web UI shows on the page of this run. */
function tell({ library, chosen }: BackfillInput, progress: BackfillProgress, wheel: Wheel): void {
  const { window, priority, pause, cancelled } = wheel.now();
  const until = pause?.until === undefined ? 'resume' : new Date(pause.until).toISOString();
  setCurrentDetails(
    [
      `**${library}**: ${chosen === undefined ? 'the whole library' : selectionInWords(chosen.selection)}`,
      '',
      progressInWords(progress),
      '',
      `Window ${window}, priority ${priority}`,
      ...(pause === undefined ? [] : ['', `Paused (${pause.reason}) until ${until}`]),
      ...(cancelled === undefined ? [] : ['', `Cancelled (${cancelled.reason})`]),
      ...progress.problems.map((problem) => `\n- ${problem}`),
    ].join('\n'),
  );
}
