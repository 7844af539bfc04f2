/** The one error class of the front end: what happened, and what to do about it. */
import type { IProblem } from './contract';
import { readProblem } from './guards';
import { isFields } from './read';

/** Codes that arise here and not at the server; the panel has translated words for them. */
export const LOCAL_CODES = {
  /** Nothing answered. */
  unreachable: 'server.unreachable',
  /** The server answers, but not as ours: the extension is off, or something stands between. */
  missing: 'server.missing',
  /** It answered something that is not what was agreed. */
  unreadable: 'server.unreadable',
  /** Signed out. */
  signedOut: 'server.signed_out'
} as const;

export class ApiError extends Error implements IProblem {
  constructor(problem: Partial<IProblem> & { code: string }, status: number = 0) {
    super(problem.message ?? '');
    this.name = 'ApiError';
    this.code = problem.code;
    this.hint = problem.hint ?? '';
    this.details = problem.details ?? {};
    this.status = status;
  }

  readonly code: string;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  /** The HTTP status, 0 when nothing answered. */
  readonly status: number;
}

/** The error that an answer with a bad status carries. */
export function errorFromBody(body: unknown, status: number): ApiError {
  if (isFields(body) && isFields(body.error)) {
    return new ApiError(readProblem(body.error), status);
  }
  // Jupyter's own answers: signing in again helps against 401 and 403, and a 404 without our
  // error format means that nobody serves our paths.
  const code =
    status === 401 || status === 403
      ? LOCAL_CODES.signedOut
      : status === 404
        ? LOCAL_CODES.missing
        : status >= 502 && status <= 504
          ? LOCAL_CODES.unreachable
          : LOCAL_CODES.unreadable;
  const message = isFields(body) && typeof body.message === 'string' ? body.message : '';
  return new ApiError({ ...readProblem({ message }), code }, status);
}

/** Whatever was thrown, as an error that can be shown. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) {
    return thrown;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError({ ...readProblem({ message }), code: 'internal' });
}
