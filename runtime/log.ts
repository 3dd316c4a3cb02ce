import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/** Paths that may hold a secret in an object that somebody logs. */
const redacted = [
  'token',
  '*.token',
  'authorization',
  '*.authorization',
  'headers.authorization',
  'password',
  '*.password',
];

/** JSON lines for machines; coloured lines for a person at a terminal. */
export function createLog(options: {
  level: string;
  pretty: boolean;
  name?: string;
  destination?: DestinationStream;
}): Logger {
  const destination =
    options.destination ??
    (options.pretty
      ? pretty({ colorize: true, ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss' })
      : undefined);
  const settings = {
    level: options.level,
    base: options.name === undefined ? {} : { name: options.name },
    redact: { paths: redacted, censor: '[redacted]' },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}
