/** Takes one step that is possible now: who makes it, what it is called in the code, and what it does to the state. */
export type Step = (who: string, index: number, name: string, run: () => void) => void;
