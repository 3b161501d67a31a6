// Bring your own bytes. Only compiled.
import { createXsollaClient, init } from "playerlink/slim";

await init(new URL("https://cdn.example/sdk.split.wasm"));
void createXsollaClient;
