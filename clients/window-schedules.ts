import {
  type CalendarSpec,
  type Client,
  type DayOfWeek,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
  ServiceError,
} from '@temporalio/client';
import { ConfigError } from '../domain/errors.ts';
import { queues } from '../domain/queues.ts';
import { type Weekday, weekdays, type Window, windowInWords } from '../domain/window.ts';
import { windowScheduleId, workflowTypes } from '../workflows/messages.ts';

/** Temporal's schedules of windows: one for each, which starts `keepWindow` when it opens and when it closes. */
export interface WindowSchedules {
  /** Makes it, or makes it what the window says. Throws ServiceError; ConfigError for a zone that the server does not know. */
  put(window: Window): Promise<void>;
  /** Also where there is none. */
  remove(name: string): Promise<void>;
  /** Names of the windows that have one; one that was made a moment ago may be missing. */
  names(): Promise<readonly string[]>;
}

export function createWindowSchedules(client: Client, limitMs = 10_000): WindowSchedules {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  return {
    async put(window) {
      const wanted = scheduleOf(window);
      try {
        await limited(() => client.schedule.create(wanted));
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw inWords(error, window.zone);
        const { spec, action, policies } = wanted;
        const handle = client.schedule.getHandle(wanted.scheduleId);
        await limited(() => handle.update(({ state }) => ({ spec, action, policies, state }))).catch((why: unknown) =>
          Promise.reject(inWords(why, window.zone)),
        );
      }
    },
    async remove(name) {
      try {
        await limited(() => client.schedule.getHandle(windowScheduleId(name)).delete());
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw inWords(error);
      }
    },
    async names() {
      const prefix = windowScheduleId('');
      const found: string[] = [];
      await limited(async () => {
        for await (const { scheduleId } of client.schedule.list())
          if (scheduleId.startsWith(prefix)) found.push(scheduleId.slice(prefix.length));
      });
      return found;
    },
  };
}

/**
 * Twice, if a run of the last edge is still under way; what was due while the server was away is made up for once, as each run
 * does what is right at its own time.
 */
const scheduleOf = (window: Window) =>
  ({
    scheduleId: windowScheduleId(window.name),
    spec: { calendars: calendarsOf(window), timezone: window.zone },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.keepWindow,
      workflowId: windowScheduleId(window.name),
      taskQueue: queues.workflows,
      args: [],
      staticSummary: `${window.what} only ${windowInWords(window)}`,
    },
    policies: { overlap: ScheduleOverlapPolicy.BUFFER_ONE, catchupWindow: '1 day' },
  }) satisfies ScheduleOptions;

/**
 * Its edges on the clock of its zone. Where that clock jumps over one, the server starts nothing on that day: the full hour
 * after a closing is a second look. Clocks jump by an hour at most (Lord Howe: half of one), mostly in the small hours, but on
 * Easter Island from 22:00 to 23:00 and in Nuuk from 23:00 to 0:00. An opening needs none: the pause has its end in itself.
 */
export function calendarsOf({ from, to, days }: Window): CalendarSpec[] {
  const closing = to <= from ? days.map((day) => nextDay(day)) : days;
  const at = (minutes: number, on: readonly Weekday[]): CalendarSpec => ({
    hour: Math.floor(minutes / 60),
    minute: minutes % 60,
    dayOfWeek: on.map((day) => dayNames[day]),
  });
  const fullHour = (Math.floor(to / 60) + 1) * 60;
  const second = fullHour < 24 * 60 ? at(fullHour, closing) : at(0, closing.map(nextDay));
  return [at(from, days), at(to, closing), second];
}

const nextDay = (day: Weekday): Weekday => weekdays[(weekdays.indexOf(day) + 1) % weekdays.length] ?? day;

const dayNames: Readonly<Record<Weekday, DayOfWeek>> = {
  sun: 'SUNDAY',
  mon: 'MONDAY',
  tue: 'TUESDAY',
  wed: 'WEDNESDAY',
  thu: 'THURSDAY',
  fri: 'FRIDAY',
  sat: 'SATURDAY',
};

/** gRPC's codes. */
const [invalidArgument, deadlineExceeded, unavailable] = [3, 4, 14];

function inWords(error: unknown, zone?: string): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!isGrpcServiceError(cause)) return error;
  const code: number = cause.code;
  if (code === invalidArgument && zone !== undefined) {
    const message = `Temporal refuses the schedule (${cause.details}). Does the server know the time zone ${zone}?`;
    return new ConfigError('BadConfig', message, { cause: error });
  }
  const isAway = code === deadlineExceeded || code === unavailable;
  const what = isAway ? 'does not answer' : `refuses (${cause.details || cause.message})`;
  return new ServiceError(`Temporal ${what}, and it is Temporal that keeps schedules. See darkroom doctor.`, { cause });
}
