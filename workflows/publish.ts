import { workflowInfo } from '@temporalio/workflow';
import type { PublishInput, PublishResult } from '../domain/contract.ts';
import { publishStep } from './steps.ts';
import type { Story } from './story.ts';

/** Into the library's own field; waits as long as the library is away, with the text safe in our rows. */
export async function publish(
  input: Pick<PublishInput, 'asset' | 'key' | 'description' | 'fieldSha'>,
  story: Story,
): Promise<PublishResult> {
  const { workflowId, runId } = workflowInfo();
  story.tell('publish', 'into the library');
  const result = await publishStep('into the library')({ ...input, workflowId, runId });
  story.tell('publish', result.note);
  return result;
}
