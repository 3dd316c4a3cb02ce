import type { Description } from '../domain/description.ts';

/** An answer in paragraphs: its text, and of a structured one what there is besides it. */
export function answerTexts({ text, tags, textInImage, safety }: Description): string[] {
  return [
    text,
    ...(tags === undefined || tags.length === 0 ? [] : [`Tags: ${tags.join(', ')}`]),
    ...(textInImage === undefined || textInImage === '' ? [] : [`Text in the picture: ${textInImage}`]),
    ...(safety === undefined ? [] : [`Safety: ${safety}`]),
  ];
}

/** `model on host, 4.2 s, 1024 + 87 tokens`: what is not known is left out. */
export function answerOrigin(description: Description): string {
  const { model, host, totalMs, simulated } = description;
  const tokens = tokenWords(description);
  return [
    `${model} on ${host}`,
    seconds(totalMs),
    ...(tokens === '' ? [] : [tokens]),
    ...(simulated ? ['SIMULATED'] : []),
  ].join(', ');
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** `1024 + 87 tokens`: those of the question with its picture, and those of the answer. Empty where the host tells none. */
export function tokenWords({ promptTokens, answerTokens }: Pick<Description, 'promptTokens' | 'answerTokens'>): string {
  if (promptTokens === undefined && answerTokens === undefined) return '';
  return `${[promptTokens, answerTokens].map((count) => count ?? '?').join(' + ')} tokens`;
}
