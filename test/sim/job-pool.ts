// Runs jobs on every core: worker threads that ask for the next as soon as they are done with one.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { type Job, type JobResult, runJob } from './job.ts';

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  port.on('message', (job: Job) => port.postMessage(runJob(job, () => performance.now())));
}

/** Results in the order of the jobs. `onResult` as they come. Rejects when a job throws. */
export async function runJobs(
  jobs: readonly Job[],
  threads: number | undefined,
  onResult: (result: JobResult) => void,
): Promise<JobResult[]> {
  const results = new Array<JobResult>(jobs.length);
  let next = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url));
      let index = -1;
      const giveNext = (): void => {
        if (next >= jobs.length) return void worker.terminate();
        index = next++;
        worker.postMessage(jobs[index]);
      };
      worker.on('message', (result: JobResult) => {
        results[index] = result;
        onResult(result);
        giveNext();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      giveNext();
    });
  await Promise.all(Array.from({ length: threads ?? Math.min(8, availableParallelism()) }, work));
  return results;
}
