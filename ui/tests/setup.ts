// SPDX-License-Identifier: Apache-2.0
// What a test waits for comes; how soon is the machine's affair.
import { configure } from "@testing-library/dom";

configure({ asyncUtilTimeout: 60_000 });
