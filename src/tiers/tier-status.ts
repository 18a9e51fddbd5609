/** How a tier stands. */
export interface TierStatus {
  /** `recovering`: it answers, but is not trusted yet; or nobody has called it for 10 s since it failed. */
  readonly state: 'up' | 'down' | 'recovering';
  /** Since when it has been up, or has not; milliseconds since 1970. */
  readonly since: number;
  /** Why it is not up. */
  readonly cause: unknown;
}
