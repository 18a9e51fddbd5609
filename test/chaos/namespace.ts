/** What every key of these tests in Redis starts with; the servers are their own. */
export const NAMESPACE = 'chaos';
