/** What other plugins may ask for. Importing this file has no side effects. */
import { Token } from '@lumino/coreutils';
import type { IClusters as Clusters } from './clusters/manager';

export type IClusters = Clusters;

export const IClusters = new Token<IClusters>(
  'dasklab:IClusters',
  'The Dask clusters of this server: their state, its changes, and what can be done to them.'
);
