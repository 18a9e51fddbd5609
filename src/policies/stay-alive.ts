const LONGEST = 2 ** 31 - 1;

/**
 * Keeps the process alive until what it returns is called: for a wait that somebody waits for in turn. The timers of a Clock do
 * not, and a process that has nothing else to do would end in the middle of it.
 */
export function stayAlive(): () => void {
  const timer = setInterval(() => {}, LONGEST);
  return () => clearInterval(timer);
}
