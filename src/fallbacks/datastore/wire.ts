/** What the service speaks, as its client takes it: long numbers as texts, so that none is rounded. */
export interface PathElement {
  readonly kind: string;
  readonly name?: string;
  readonly id?: string;
}

export interface WireKey {
  readonly partitionId?: unknown;
  readonly path: readonly PathElement[];
}

/** One value of a property. Of what comes back `valueType` says which it is. */
export interface WireValue {
  readonly valueType?: string;
  readonly nullValue?: string;
  readonly booleanValue?: boolean;
  readonly integerValue?: string;
  readonly doubleValue?: number;
  readonly timestampValue?: { readonly seconds?: string | number; readonly nanos?: number };
  readonly stringValue?: string;
  readonly blobValue?: Uint8Array;
  readonly keyValue?: WireKey;
  readonly excludeFromIndexes?: boolean;
}

export type Properties = Readonly<Record<string, WireValue>>;

export interface WireEntity {
  readonly key: WireKey;
  readonly properties: Properties;
}

/** An entity as it was found, and its version. */
export interface Found {
  readonly entity: WireEntity;
  readonly version: string;
}

export type Mutation = (
  | { readonly insert: WireEntity }
  | { readonly update: WireEntity }
  | { readonly upsert: WireEntity }
  | { readonly delete: WireKey }
) & { readonly baseVersion?: string };

export interface PropertyFilter {
  readonly property: { readonly name: string };
  readonly op: 'EQUAL' | 'LESS_THAN' | 'LESS_THAN_OR_EQUAL' | 'GREATER_THAN' | 'GREATER_THAN_OR_EQUAL';
  readonly value: WireValue;
}

/** A query of one kind. */
export interface KindQuery {
  readonly kind: string;
  /** All of them hold. */
  readonly filters?: readonly PropertyFilter[];
  /** By the key where it is left out. */
  readonly order?: { readonly property: string; readonly descending?: boolean };
  readonly limit?: number | undefined;
  readonly offset?: number;
  readonly keysOnly?: boolean;
}

/** What a path is known by in this process: no two have the same, whatever is in their names. */
export const pathText = (path: readonly PathElement[]): string =>
  path.map(({ kind, name = '' }) => `${kind.length} ${name.length} ${kind}${name}`).join('');
