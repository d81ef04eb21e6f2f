// SPDX-License-Identifier: Apache-2.0
// What fails a run beside its tests: an error that nobody caught, a worker that did not start. The
// reporter of TAP keeps quiet about these.
import type { Reporter } from "vitest/reporters";

export default class Unhandled implements Reporter {
  onTestRunEnd: Reporter["onTestRunEnd"] = (_modules, errors) => {
    for (const error of errors) for (const line of `Unhandled: ${error.stack ?? error.message}`.split("\n")) console.log(`# ${line}`);
  };
}
