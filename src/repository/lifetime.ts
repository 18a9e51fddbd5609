/** Whether a holdfast may still be used: read by every call, so it is no function. */
export interface Lifetime {
  /** True from the moment close() was called. */
  closed: boolean;
}
