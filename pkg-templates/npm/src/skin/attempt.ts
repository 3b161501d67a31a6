/** What comes of `work`, or nothing when it throws. */
export const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

/** Does `work`, a function of the user's. What it throws, or rejects with later, is nobody's: it must end nothing. */
export const quietly = (work: () => unknown): void => {
  (async () => work())().catch(() => {});
};
