import type { HotStore } from 'holdfast';

/** What a hot tier that went away comes back with. */
export type Data = 'old' | 'empty';

/** A hot tier that the act can break. */
export interface Breakable {
  /** What is done to it, in a sentence for the reader. */
  readonly told: string;
  /** Where other processes find it; `undefined` where they cannot. */
  readonly url: string | undefined;
  /** A store on it, for one holdfast. */
  connect(): Promise<HotStore>;
  /** Keeps what it holds now, to come back with. */
  remember(): Promise<void>;
  /** From now on it takes calls, and answers none. */
  hang(): void;
  /** It answers again, those that waited too. */
  goOn(): void;
  /** It is gone. */
  kill(): Promise<void>;
  /** It is there again; gives what it came back with. */
  comeBack(data: Data): Promise<'old data' | 'no data' | 'its data'>;
  /** Leaves nothing of the demo in it. */
  close(): Promise<void>;
}
