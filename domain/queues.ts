/** Task queues, one per kind of work (architecture 3): what runs on them, and how many at once. */
export const queues = {
  /** Workflows and their local activities. */
  workflows: 'darkroom',
  /** Pages and starts; never paused. */
  control: 'darkroom-control',
  /** Long settles, fingerprints, and local steps that failed as local ones. */
  library: 'darkroom-library',
  /** Calls of face services: exactly the free slots of healthy ones. */
  faces: 'darkroom-faces',
  /** Model calls: exactly the free slots of healthy hosts. */
  vision: 'darkroom-vision',
  /** Writes into the libraries' own fields. */
  publish: 'darkroom-publish',
} as const;

/** 1 asked for by a person now · 2 new uploads · 3 default · 4 backfill · 5 re-runs. */
export const priorities = { now: 1, upload: 2, normal: 3, backfill: 4, rerun: 5 } as const;

/** Search attribute set at start only; a step that wrote one would cost a visibility row each (38 % of server CPU as measured). */
export const libraryAttribute = 'DarkroomLibrary';
