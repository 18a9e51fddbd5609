import { createServer, type Socket } from 'node:net';
import { serialize } from 'bson';
import { DataCommands } from './mongo/commands.js';
import { type Doc, Unknown } from './mongo/order.js';
import { Refused } from './mongo/refused.js';
import { Sessions } from './mongo/sessions.js';
import { framed, type Message, messagesIn } from './mongo/wire.js';

/** What a test server is. */
export interface MongoServerOptions {
  /** Whether it acts as a replica set of one, with transactions; otherwise it stands alone. Default: true. */
  readonly replicaSet?: boolean;
  /** 0: any that is free. Default: 0. */
  readonly port?: number;
  /** The newest wire version that it says it speaks. Default: that of MongoDB 7.0. */
  readonly wireVersion?: number;
}

/** What goes wrong with a command. */
export interface Fault {
  /** Its name: `commitTransaction`. */
  readonly command: string | RegExp;
  /**
   * `cut`: the connection ends, before it is run or after. `hang`: it is run, or not, and never answered. Otherwise it is
   * refused with a code.
   */
  readonly how:
    | 'cut before'
    | 'cut after'
    | 'hang before'
    | 'hang after'
    | { readonly code: number; readonly name: string; readonly labels?: readonly string[] };
  /** How often. Default: once. */
  readonly times?: number;
  /** Called when it happens. */
  readonly met?: () => void;
}

/** A MongoDB server for tests: what it holds is in memory, and what it does not know it refuses, and remembers. */
export interface MongoServer {
  readonly port: number;
  readonly url: string;
  /** What clients asked for that it does not have: a test that ends with any of these has shown nothing. */
  readonly unknown: readonly string[];
  /** The names of the commands on data so far, in their order. */
  readonly commands: string[];
  /** Connections that are open. */
  readonly connections: number;
  /** Cursors, and transactions, that are open. */
  readonly open: { readonly cursors: number; readonly transactions: number };
  fail(fault: Fault): void;
  /** Ends all faults. */
  heal(): void;
  /** Called before each command; it waits for what is returned. */
  gate(before: ((command: string, body: Doc) => Promise<void> | void) | undefined): void;
  /** Deletes what has expired by then. */
  sweep(now?: number): void;
  /** Ends all connections and takes no more, until `start`. What it holds stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const LIMITS = {
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  logicalSessionTimeoutMinutes: 30,
  minWireVersion: 0,
  readOnly: false,
};
const MONGODB_7 = 21;
// Of a command that says nothing of how long it may wait for others.
const PATIENCE = 30_000;

/** Commands of the server itself rather than of data. */
const OWN = [
  'hello',
  'ismaster',
  'isMaster',
  'ping',
  'endSessions',
  'buildInfo',
  'saslStart',
  'commitTransaction',
  'abortTransaction',
];

/** Starts a server. */
export async function mongoServer(options: MongoServerOptions = {}): Promise<MongoServer> {
  const server = new Server(options);
  await server.start();
  return server;
}

class Server implements MongoServer {
  readonly unknown: string[] = [];
  readonly commands: string[] = [];
  readonly #options: MongoServerOptions;
  readonly #data = new DataCommands();
  readonly #sessions: Sessions;
  readonly #sockets = new Set<Socket>();
  #faults: { readonly fault: Fault; left: number }[] = [];
  #gate: ((command: string, body: Doc) => Promise<void> | void) | undefined;
  #listener: ReturnType<typeof createServer> | undefined;
  #connection = 0;
  port: number;

  constructor(options: MongoServerOptions) {
    this.#options = options;
    this.port = options.port ?? 0;
    this.#sessions = new Sessions(this.#data.storage, this.#replicaSet);
  }

  get #replicaSet(): boolean {
    return this.#options.replicaSet ?? true;
  }

  get url(): string {
    return `mongodb://127.0.0.1:${this.port}/`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get open() {
    return { cursors: this.#data.cursors.size, transactions: this.#sessions.open };
  }

  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  heal(): void {
    this.#faults = [];
  }

  gate(before: ((command: string, body: Doc) => Promise<void> | void) | undefined): void {
    this.#gate = before;
  }

  sweep(now = Date.now()): void {
    this.#data.sweep(now);
  }

  async start(): Promise<void> {
    const listener = createServer((socket) => this.#serve(socket));
    this.#listener = listener;
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (listener.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#listener) this.#listener.close(() => resolve());
      else resolve();
    });
    this.#listener = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const connection = ++this.#connection;
    let rest: Buffer = Buffer.alloc(0);
    // One after the other, as they come.
    let last: Promise<void> = Promise.resolve();
    socket.on('data', (chunk) => {
      const { messages, left } = messagesIn(Buffer.concat([rest, chunk]));
      rest = left;
      for (const message of messages) last = last.then(() => this.#answer(socket, connection, message));
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async #answer(socket: Socket, connection: number, message: Message): Promise<void> {
    const { body } = message;
    const name = Object.keys(body)[0]!;
    const fault = this.#faultOf(name);
    if (fault === 'cut before') return void socket.destroy();
    if (fault === 'hang before') return;
    let answer: Doc;
    try {
      if (!OWN.includes(name)) this.commands.push(name);
      else if (name.endsWith('Transaction')) this.commands.push(name);
      await this.#gate?.(name, body);
      if (typeof fault === 'object')
        throw new Refused(fault.code, fault.name, `refused: ${fault.name}`, { labels: fault.labels ?? [] });
      answer = { ...(await this.#run(name, body, connection)), ok: 1 };
    } catch (error) {
      this.#sessions.failed(body);
      answer = this.#failure(error);
    }
    if (fault === 'cut after') return void socket.destroy();
    if (fault === 'hang after') return;
    if (!socket.destroyed) socket.write(framed(message, serialize(answer, { ignoreUndefined: true })));
  }

  #failure(error: unknown): Doc {
    if (error instanceof Refused)
      return {
        ok: 0,
        code: error.code,
        codeName: error.codeName,
        errmsg: error.message,
        ...error.more.details,
        ...(error.more.labels && error.more.labels.length > 0 && { errorLabels: error.more.labels }),
      };
    this.unknown.push(error instanceof Unknown ? error.message : String((error as Error).stack ?? error));
    return { ok: 0, code: 40415, codeName: 'UnknownToTheTestServer', errmsg: String((error as Error).message) };
  }

  #faultOf(name: string): Fault['how'] | undefined {
    const found = this.#faults.find(
      ({ fault: { command }, left }) =>
        left > 0 && (typeof command === 'string' ? command === name : command.test(name)),
    );
    if (!found) return undefined;
    found.left--;
    found.fault.met?.();
    return found.fault.how;
  }

  async #run(name: string, body: Doc, connection: number): Promise<Doc> {
    switch (name) {
      case 'hello':
      case 'ismaster':
      case 'isMaster':
        return this.#hello(connection);
      case 'ping':
      case 'buildInfo':
        return { version: '7.0.0' };
      case 'endSessions':
        this.#sessions.end(body.endSessions as Doc[]);
        return {};
      case 'saslStart':
        throw new Refused(18, 'AuthenticationFailed', 'Authentication failed.');
      case 'commitTransaction':
        this.#sessions.commit(body);
        return {};
      case 'abortTransaction':
        this.#sessions.abort(body);
        return {};
      default: {
        const patience = body.maxTimeMS === undefined ? PATIENCE : Number(body.maxTimeMS);
        return this.#sessions.once(body, () =>
          this.#data.run({ name, body, patience, view: this.#sessions.view(body) }),
        );
      }
    }
  }

  #hello(connection: number): Doc {
    const me = `127.0.0.1:${this.port}`;
    return {
      ...LIMITS,
      helloOk: true,
      isWritablePrimary: true,
      ismaster: true,
      maxWireVersion: this.#options.wireVersion ?? MONGODB_7,
      localTime: new Date(),
      connectionId: connection,
      ...(this.#replicaSet && { setName: 'rs', setVersion: 1, hosts: [me], primary: me, me, secondary: false }),
    };
  }
}
