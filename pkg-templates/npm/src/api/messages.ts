// `playerlink/messages`: what a player may be told. Declarations only.

/**
 * A short English sentence that may be shown to a player. That of the service's code, else that of the error's kind, else
 * (also for errors that are not playerlink's) that something went wrong: there is always one.
 */
export declare function playerMessage(error: unknown): string;
