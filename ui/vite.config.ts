// SPDX-License-Identifier: Apache-2.0
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The page is served from two doors, http://127.0.0.1:PORT/ and escher://app/, and every path
// that is no file and not under /api/ gives index.html; so addresses of assets are absolute.
// Nothing may be inlined: the content security policy knows neither inline script nor style.
export default defineConfig({
  plugins: [react()],
  base: "/",
  build: {
    target: "safari17", // WebKitGTK of Debian 12
    outDir: "dist",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  test: {
    environment: "node", // a test that needs a document says so in its first line
    // One worker for all: a busy machine may not start one for each file in the minute that vitest gives it.
    maxWorkers: 1,
    isolate: false,
    include: ["src/**/*.test.ts", "src/**/*.test.tsx", "tests/**/*.test.ts", "tests/**/*.test.tsx"],
    setupFiles: "tests/setup.ts",
    testTimeout: 120_000, // spent only on what is broken
  },
});
