// The problem documents of the congestion API.
import type { Problem, ProblemType } from '../../congestion/problem.ts';
import { problem } from '../../http/problem.ts';
import type { Refusal } from '../desk.ts';

const titles: Record<Exclude<ProblemType, 'about:blank'>, string> = {
  'urn:surgegate:problem:invalid-message': 'The message is not one of the congestion API',
  'urn:surgegate:problem:unknown-session': 'The session is not the current one: register again',
  'urn:surgegate:problem:not-registered': 'The application is not registered',
  'urn:surgegate:problem:too-many-requests': 'Too many requests',
};

export type Fault = NonNullable<Problem['faults']>[number];

function typedProblem(status: number, type: ProblemType, detail?: string): Problem {
  const blank = problem(status, detail) as Problem;
  return type === 'about:blank' ? blank : { ...blank, type, title: titles[type] };
}

export function faultsProblem(faults: readonly Fault[]): Problem {
  const [first] = faults;
  const detail = first === undefined ? undefined : `${first.key === '' ? '' : `${first.key}: `}${first.message}`;
  return { ...typedProblem(400, 'urn:surgegate:problem:invalid-message', detail), faults: [...faults] };
}

export function refusalProblem({ refused, type, detail }: Refusal): Problem {
  return typedProblem(refused, type, detail);
}

export function tooMany(detail: string): Problem {
  return typedProblem(429, 'urn:surgegate:problem:too-many-requests', detail);
}
