// Sentences for players. Only compiled.
import { isPlayerLinkError } from "playerlink";
import { playerMessage } from "playerlink/messages";

export const explain = (error: unknown): string => (isPlayerLinkError(error) ? error.kind : playerMessage(error));

// @ts-expect-error the error itself has no sentence for players
export const own = (error: unknown): unknown => isPlayerLinkError(error) && error.playerMessage;
