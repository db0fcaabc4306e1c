const jobs = [];

export function enqueue(job) {
  jobs.push({ ...job, queuedAt: new Date().toISOString() });
  return jobs.length;
}

export const pending = () => jobs.length;
