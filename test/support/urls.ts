function given(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set. Jest's global setup sets it for tests that are named *.server.test.ts.`);
  return value;
}

/** The servers of this run, as the global setup found or started them. */
export const redisUrl = given('REDIS_URL');
export const postgresUrl = given('POSTGRES_URL');
export const mysqlUrl = given('MYSQL_URL');
/** The prefix of every key that tests write to the shared Redis. */
export const namespace = given('HOLDFAST_TEST_NAMESPACE');
