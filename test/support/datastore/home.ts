import { type DatastoreServer, type ServerOptions, startDatastore } from './server.js';

/** Where tests find Datastore: the emulator of `DATASTORE_EMULATOR_HOST`, or a server in this process. */
export interface DatastoreHome {
  /** The URL of a namespace of its own. */
  url(namespace: string): string;
  /** The server in this process; `undefined` on the emulator. */
  readonly server: DatastoreServer | undefined;
  stop(): Promise<void>;
}

export async function datastoreHome(options: ServerOptions = {}): Promise<DatastoreHome> {
  const emulator = process.env.DATASTORE_EMULATOR_HOST;
  const server = emulator ? undefined : await startDatastore(options);
  const endpoint = emulator ?? server!.address;
  return {
    url: (namespace) => `datastore://holdfast-test?namespace=${namespace}&endpoint=${endpoint}`,
    server,
    stop: async () => server?.stop(),
  };
}
