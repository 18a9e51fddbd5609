/** What goes over the wire, as the loader of the protos has it: longs and enums as strings, what is not set left out. */
export interface WirePathElement {
  readonly kind: string;
  readonly id?: string;
  readonly name?: string;
}

export interface WirePartition {
  readonly projectId?: string;
  readonly databaseId?: string;
  readonly namespaceId?: string;
}

export interface WireKey {
  readonly partitionId?: WirePartition;
  readonly path: readonly WirePathElement[];
}

export interface WireValue {
  readonly valueType?: string;
  readonly nullValue?: 'NULL_VALUE';
  readonly booleanValue?: boolean;
  readonly integerValue?: string;
  readonly doubleValue?: number;
  readonly timestampValue?: { readonly seconds?: string; readonly nanos?: number };
  readonly keyValue?: WireKey;
  readonly stringValue?: string;
  readonly blobValue?: Buffer;
  readonly excludeFromIndexes?: boolean;
}

export interface WireEntity {
  readonly key: WireKey;
  readonly properties: Readonly<Record<string, WireValue>>;
}

export interface WireMutation {
  readonly operation: 'insert' | 'update' | 'upsert' | 'delete';
  readonly insert?: WireEntity;
  readonly update?: WireEntity;
  readonly upsert?: WireEntity;
  readonly delete?: WireKey;
  readonly conflictDetectionStrategy?: string;
  readonly baseVersion?: string;
  readonly conflictResolutionStrategy?: string;
  readonly propertyMask?: unknown;
  readonly propertyTransforms?: readonly unknown[];
}

export interface WireFilter {
  readonly filterType: 'compositeFilter' | 'propertyFilter';
  readonly compositeFilter?: { readonly op: string; readonly filters: readonly WireFilter[] };
  readonly propertyFilter?: {
    readonly property: { readonly name: string };
    readonly op: string;
    readonly value: WireValue;
  };
}

export interface WireQuery {
  readonly projection: readonly { readonly property: { readonly name: string } }[];
  readonly kind: readonly { readonly name: string }[];
  readonly filter?: WireFilter;
  readonly order: readonly { readonly property: { readonly name: string }; readonly direction?: string }[];
  readonly distinctOn: readonly unknown[];
  readonly startCursor?: Buffer;
  readonly endCursor?: Buffer;
  readonly offset?: number;
  readonly limit?: { readonly value?: number };
  readonly findNearest?: unknown;
}

export interface WireTransactionOptions {
  readonly mode?: 'readWrite' | 'readOnly';
  readonly readWrite?: { readonly previousTransaction?: Buffer };
  readonly readOnly?: { readonly readTime?: unknown };
}

export interface WireReadOptions {
  readonly consistencyType?: 'readConsistency' | 'transaction' | 'newTransaction' | 'readTime';
  readonly readConsistency?: string;
  readonly transaction?: Buffer;
  readonly newTransaction?: WireTransactionOptions;
}

/** The codes of gRPC that the server answers with. */
export const codes = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type CodeName = keyof typeof codes;

/** What a call is answered with where it is refused. */
export class Refusal extends Error {
  readonly code: number;
  constructor(code: CodeName, message: string) {
    super(message);
    this.code = codes[code];
  }
}

/** What the server does not know; nobody may take it for an answer of the service. */
export const unknownHere = (what: string): Refusal =>
  new Refusal('UNIMPLEMENTED', `the test server does not know ${what}`);
