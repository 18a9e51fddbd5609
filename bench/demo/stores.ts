import type { HotStore } from 'holdfast';
import { memoryHotStore, openHot } from 'holdfast/testing';

/** Room for all cities, those that do not exist included. */
export const MOST = 300_000;

/** The hot store that `Holdfast.open` makes of its option `redis`. */
export const hotStore = async (url: string | undefined, namespace: string): Promise<HotStore> =>
  url === undefined ? memoryHotStore({ max: MOST }) : openHot(url, namespace);
