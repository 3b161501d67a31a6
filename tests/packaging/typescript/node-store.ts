// `playerlink/node-store`. Only compiled.
import { createXsollaClient } from "playerlink";
import { fileStore } from "playerlink/node-store";

export const client = createXsollaClient({
  projectId: "p",
  oauth: { clientId: 57, redirectUri: "http://127.0.0.1/" },
  store: fileStore("sessions"),
});

// @ts-expect-error a folder is needed
fileStore();
