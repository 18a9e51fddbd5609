/** A server that this run of the tests uses. */
export interface TestServer {
  readonly url: string;
  /** Where it comes from: `started`, `found on port 6379`, `given as REDIS_URL`. */
  readonly how: string;
  /** Stops what was started, or removes from it what this run made. */
  stop(): Promise<void>;
}
