/** The columns of the tables as they are kept in a store, by name. */

/** Columns of a task in the store: the wire's, with the time in full and the row's number. */
export const TASK = { start: 0, duration: 1, nbytes: 2, kind: 3, what: 4, row: 5 } as const;

/** Columns of a sample of a worker, without the worker itself: that is its group. */
export const SAMPLE = {
  time: 0,
  process: 1,
  managed: 2,
  unmanagedRecent: 3,
  spilled: 4,
  cpu: 5,
  read: 6,
  write: 7,
  diskRead: 8,
  diskWrite: 9,
  lag: 10,
  gil: 11,
  executing: 12,
  ready: 13,
  status: 14
} as const;

export const CLUSTER = {
  time: 0,
  processing: 1,
  waiting: 2,
  queued: 3,
  noWorker: 4,
  memory: 5,
  erred: 6,
  occupancy: 7,
  workers: 8,
  threads: 9,
  used: 10,
  limit: 11,
  managed: 12,
  unmanaged: 13,
  spilled: 14,
  cpu: 15,
  lag: 16
} as const;

/** Columns of a row of transfers, without the receiver: that is its group. */
export const TRANSFER = {
  /** When the last of them had come. */
  time: 0,
  /** Index of the worker that sent. */
  sender: 1,
  count: 2,
  nbytes: 3,
  /** Seconds of all of them together: bytes by it is the bandwidth of one. */
  busy: 4,
  /** Seconds from the first one's beginning to `time`. */
  span: 5
} as const;
