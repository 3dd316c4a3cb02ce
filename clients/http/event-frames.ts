import type { EventsAnswer } from './answer.ts';

/** As https://html.spec.whatwg.org/multipage/server-sent-events.html has it; a heartbeat is a comment, which clients pass over. */
export async function* eventFrames(events: EventsAnswer<unknown>['events']): AsyncGenerator<string> {
  for await (const one of events) {
    yield one === 'heartbeat' ? ':\n\n' : `event: ${one.event}\ndata: ${JSON.stringify(one.data)}\n\n`;
  }
}
