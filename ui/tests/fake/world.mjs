// SPDX-License-Identifier: Apache-2.0
// Test support: an estate of any size, the same for the same numbers. Shaped like the demo cloud's.

const accounts = [
  { id: "123456789012", name: "production", environment: "production" },
  { id: "987654321098", name: "staging", environment: "staging" },
  { id: "456789012345", name: "development", environment: "development" },
];
const regions = ["us-east-1", "us-west-2", "eu-west-1"];

/* A small generator of numbers (mulberry32). */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

const types = [
  ["ec2_instance", "i-", ["running", "running", "running", "stopped"], "ec2", "instance/"],
  ["rds_instance", "", ["available", "available", "stopped"], "rds", "db:"],
  ["ebs_volume", "vol-", ["in-use", "available"], "ec2", "volume/"],
  ["s3_bucket", "", [undefined], "s3", ""],
  ["lambda_function", "", ["Active"], "lambda", "function:"],
  ["security_group", "sg-", [undefined], "ec2", "security-group/"],
];
const apps = ["main", "billing", "search", "orders", "reports", "identity", "ledger"];

export const hostile = [
  '<img src=x onerror=alert(1)>',
  "\u001b[31mred\u001b[0m \u001b]0;title\u0007",
  "invoice\u202Efdp.exe",
  "javascript:alert(1)",
  "👩‍👩‍👧‍👦 family 🚀",
  "zero\u200bwidth\ufeffname",
  "line one\nline two\ttab",
  "'; DROP TABLE estate; --",
  "n".repeat(200),
  "L".repeat(65536),
];

function resource(index, at, random) {
  const account = accounts[Math.min(2, Math.floor(random() * 3.3))];
  const [type, prefix, states, service, path] = types[Math.floor(random() * types.length)];
  const region = regions[Math.floor(random() * 3)];
  const app = apps[Math.floor(random() * apps.length)];
  const identifier = prefix
    ? prefix + Math.floor(random() * 2 ** 40).toString(16).padStart(10, "0")
    : `${app}-${type.split("_")[0]}-${index}`;
  const name = prefix ? `${app}-${["web", "worker", "api", "cache"][index % 4]}-${index}` : identifier;
  return entry({ type, identifier, name, account, region, state: states[Math.floor(random() * states.length)], app, service, path, at });
}

function entry({ type, identifier, name, account, region, state, app, service, path, at }) {
  const stops = type === "rds_instance" || type === "ec2_instance";
  const up = state === "available" || state === "running";
  return {
    id: `${account.id}-${region}-${type}-${identifier}`,
    provider: "aws",
    resource_type: type,
    identifier,
    arn: `arn:aws:${service}:${region}:${account.id}:${path}${identifier.slice(0, 100)}`,
    name,
    account_id: account.id,
    account_name: account.name,
    region,
    state,
    environment: account.environment,
    created_at: "2026-03-02T09:14:00Z",
    tags: { environment: account.environment, app },
    metadata: type === "rds_instance"
      ? { engine: "postgres", engine_version: "14.7", instance_class: "db.r6g.large", multi_az: account.name === "production", storage_gb: 500 }
      : {},
    constraints: stops
      ? {
          can_stop: up,
          can_start: !up,
          can_delete: false,
          has_backups: type === "rds_instance",
          reasons: [
            { constraint: up ? "can_start" : "can_stop", because: `it is ${state}`, field: "State" },
            { constraint: "can_delete", because: "deletion protection is on", field: "DeletionProtection" },
          ],
        }
      : {},
    relations: [],
    last_synced: new Date(at - 120_000).toISOString(),
  };
}

export function world({ count = 300, seed = 7, at = Date.now(), withHostile = true } = {}) {
  const random = numbers(seed);
  const rds = (name, account, state = "available") =>
    entry({ type: "rds_instance", identifier: name, name, account, region: "us-west-2", state, app: "main", service: "rds", path: "db:", at });
  const named = [
    rds("pg-instance-main1", accounts[0]),
    rds("pg-instance-main2", accounts[0]),
    rds("pg-instance-stage1", accounts[1]),
    rds("orders-db", accounts[0]),
    rds("orders-db", accounts[1], "stopped"),
  ];
  const odd = withHostile
    ? hostile.map((name, index) =>
        entry({ type: "ec2_instance", identifier: `i-0bad${index}`, name, account: accounts[2], region: "eu-west-1", state: "running", app: "odd", service: "ec2", path: "instance/", at }))
    : [];
  const rest = Array.from({ length: Math.max(0, count - named.length - odd.length) }, (_, index) => resource(index, at, random));
  return { accounts, resources: [...named, ...odd, ...rest] };
}
