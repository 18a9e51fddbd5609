/** Whether it is Holdfast's error of that code. A holdfast of the other build, ESM or CommonJS, has classes of its own. */
export const hasCode = (error: unknown, code: 'ENTITY_NOT_FOUND' | 'ENTITY_EXISTS'): boolean =>
  error instanceof Error && (error as { code?: unknown }).code === code;
