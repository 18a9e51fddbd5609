import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { DatastoreService, type ServiceLimits } from './service.js';
import { type CodeName, codes, Refusal } from './wire.js';

const MOST_BYTES = 10 * 2 ** 20;

const METHODS = [
  'Lookup',
  'RunQuery',
  'RunAggregationQuery',
  'BeginTransaction',
  'Commit',
  'Rollback',
  'AllocateIds',
  'ReserveIds',
] as const;

/** A call of the service. */
export type Method = (typeof METHODS)[number];

/** What is to go wrong with one call. */
export interface Fault {
  readonly method: Method;
  /** Whether it goes wrong before the service has done what it was asked for, or after it. Default: `'before'`. */
  readonly when?: 'before' | 'after';
  /** What is answered; left out, there is no answer at all until the server stops. */
  readonly code?: CodeName;
  readonly message?: string;
  /** So many calls. Default: 1. */
  readonly times?: number;
  /** Waits for this before anything else. */
  readonly gate?: Promise<unknown>;
}

/** One call that came in. */
export interface Request {
  readonly method: Method;
  // biome-ignore lint/suspicious/noExplicitAny: what a test looks into
  readonly body: any;
  readonly bytes: number;
}

/** A server that speaks google.datastore.v1, in this process. */
export interface DatastoreServer {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  readonly port: number;
  readonly service: DatastoreService;
  /** All calls since the start, or since `forget`. */
  readonly requests: readonly Request[];
  forget(): void;
  /** What goes wrong next, in the order given. */
  fail(fault: Fault): void;
  stop(): Promise<void>;
}

export interface ServerOptions extends ServiceLimits {
  readonly port?: number;
  /** Whose entities it has. Default: none. */
  readonly of?: DatastoreService;
  /** Whether transactions lock what they read, as in the pessimistic mode of the service. Default: conflicts are found at the commit. */
  readonly locks?: boolean;
  /** Of so many commits one is aborted, and of four times as many reads one refused as of a service that is away for a moment. Default: none. */
  readonly noise?: number;
}

/** Starts it on a free port of 127.0.0.1, or on the one given. */
export async function startDatastore(options: ServerOptions = {}): Promise<DatastoreServer> {
  const service = options.of ?? new DatastoreService(options);
  const requests: Request[] = [];
  const faults: { fault: Fault; left: number }[] = [];
  const sizes = new WeakMap<object, number>();

  const next = (method: Method): Fault | undefined => {
    const at = faults.findIndex(({ fault }) => fault.method === method);
    if (at < 0) return undefined;
    const found = faults[at]!;
    if (--found.left === 0) faults.splice(at, 1);
    return found.fault;
  };
  const calls = new Map<Method, number>();
  const noise = (method: Method): Fault | undefined => {
    const count = (calls.get(method) ?? 0) + 1;
    calls.set(method, count);
    if (options.noise === undefined || method === 'Rollback') return undefined;
    if (count % (method === 'Commit' ? options.noise : 4 * options.noise + 1) !== 0) return undefined;
    return { method, code: method === 'Commit' ? 'ABORTED' : 'UNAVAILABLE' };
  };
  const answer = async (method: Method, body: object): Promise<object | undefined> => {
    const bytes = sizes.get(body) ?? 0;
    requests.push({ method, body, bytes });
    if (bytes > MOST_BYTES)
      throw new Refusal('INVALID_ARGUMENT', `request payload size exceeds the limit: ${MOST_BYTES} bytes`);
    const fault = next(method) ?? noise(method);
    await fault?.gate;
    const failure = fault?.code && new Refusal(fault.code, fault.message ?? `a fault of the test: ${fault.code}`);
    if (fault && (fault.when ?? 'before') === 'before' && (failure || !fault.gate)) {
      // Whoever is told so has no transaction any more.
      if (method === 'Commit' && fault.code === 'ABORTED')
        service.forget((body as { transaction?: Buffer }).transaction);
      if (failure) throw failure;
      return undefined;
    }
    if (method === 'Commit' && options.locks) await unlocked(service, body as never);
    const done = (service[method] as (request: object) => object).call(service, body);
    if (fault?.when !== 'after') return done;
    if (failure) throw failure;
    return undefined;
  };

  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(
    definition(sizes),
    Object.fromEntries(
      METHODS.map((method) => [
        method,
        (call: ServerUnaryCall<object, object>, respond: sendUnaryData<object>) => {
          answer(method, call.request).then(
            (done) => done && respond(null, done),
            (error: Error) =>
              respond({ code: error instanceof Refusal ? error.code : codes.INTERNAL, details: error.message }),
          );
        },
      ]),
    ),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    port,
    service,
    requests,
    forget: () => {
      requests.length = 0;
    },
    fail: (fault) => faults.push({ fault, left: fault.times ?? 1 }),
    async stop() {
      server.forceShutdown();
    },
  };
}

// So long a commit waits for what others have read; the service has longer limits.
const MOST_TRIES = 20;

/** Waits until no other transaction has read what is to be written. @throws Refusal where that takes too long */
async function unlocked(service: DatastoreService, body: Parameters<DatastoreService['Commit']>[0]): Promise<void> {
  for (let tries = 0; service.isLocked(body); tries++) {
    if (tries === MOST_TRIES) {
      service.forget(body.transaction);
      throw new Refusal('ABORTED', 'too much contention on these datastore entities');
    }
    await sleep(5);
  }
}

/** The service as the client's own protos define it; tells of each request how many bytes it had. */
function definition(sizes: WeakMap<object, number>) {
  const protos = createRequire(import.meta.url)('@google-cloud/datastore/build/protos/protos.json') as never;
  const loaded = fromJSON(protos, { longs: String, enums: String, oneofs: true, arrays: true, objects: true });
  const { Datastore } = (loadPackageDefinition(loaded) as never as Loaded).google.datastore.v1;
  return Object.fromEntries(
    METHODS.map((method) => {
      const of = Datastore.service[method]!;
      const requestDeserialize = (bytes: Buffer) => {
        const request = of.requestDeserialize(bytes);
        sizes.set(request, bytes.length);
        return request;
      };
      return [method, { ...of, requestDeserialize }];
    }),
  ) as never;
}

interface Loaded {
  readonly google: {
    readonly datastore: {
      readonly v1: {
        readonly Datastore: { readonly service: Record<string, { requestDeserialize(bytes: Buffer): object }> };
      };
    };
  };
}
