/** How long opening may take, in milliseconds. */
export const OPENING = 10_000;

/** What `answered` gives. @throws Error where that takes more than so many milliseconds */
export async function inTime<T>(answered: Promise<T>, timeout: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout);
  });
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
