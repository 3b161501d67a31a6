// Hands the package to the test that opened this page.
import * as playerlink from "playerlink";
import * as stores from "playerlink/stores";
import { coreHost } from "/core-host.mjs";
import * as services from "/services.mjs";

Object.assign(globalThis, { playerlink, stores, services, coreHost, result: true });
