import type { KeyedChange } from '../../core/fallback-driver.js';
import type { Layout } from './layout.js';
import type { MemberLayout } from './member-layout.js';
import type { PathElement } from './wire.js';

/** Where an entity lies: its layout, and of a collection that of its members. */
export interface Place {
  readonly layout: Layout;
  readonly members: MemberLayout | undefined;
}

/** One key of a write, and its changes in their order. */
export interface Target {
  readonly place: Place;
  readonly path: readonly PathElement[];
  readonly changes: { readonly index: number; readonly given: KeyedChange }[];
}
