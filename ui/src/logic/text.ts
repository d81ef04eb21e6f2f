// SPDX-License-Identifier: Apache-2.0

// Names come from the cloud and may hold anything. They only ever become text nodes; and what
// would be invisible there, or would turn the reading order around, is written out: an escape
// as `\x1b`, a right-to-left override as `\u202e`. So what is read is what is there.

const hidden =
  // Controls, soft hyphen, zero-width and bidi marks, line separators, variation and tag marks.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;

// A zero-width joiner or an emoji's variation mark between pictures belongs to the picture.
const joins = /\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}]?(?:\ufe0f)?(?:\u200d\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}]?\ufe0f?)*/gu;

export type Piece = { text: string; escaped: boolean };

function spell(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === "\n") return "\\n";
  if (char === "\r") return "\\r";
  if (char === "\t") return "\\t";
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function cutPlain(text: string, into: Piece[]): void {
  let at = 0;
  for (const match of text.matchAll(hidden)) {
    if (match.index > at) into.push({ text: text.slice(at, match.index), escaped: false });
    into.push({ text: spell(match[0]), escaped: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) into.push({ text: text.slice(at), escaped: false });
}

/** The text in pieces: as it is, or spelt out where it would not be seen. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  hidden.lastIndex = 0;
  if (!hidden.test(text)) return text ? [{ text, escaped: false }] : [];
  hidden.lastIndex = 0;
  let at = 0;
  for (const match of text.matchAll(joins)) {
    cutPlain(text.slice(at, match.index), found);
    found.push({ text: match[0], escaped: false });
    at = match.index + match[0].length;
  }
  cutPlain(text.slice(at), found);
  return found;
}

/** The same as one string, for titles, names for screen readers and files. */
export function spelt(text: string): string {
  return pieces(text)
    .map((piece) => piece.text)
    .join("");
}

/** The first `max` characters, never half of one, and how many are left out. */
export function cut(text: string, max: number): { head: string; left: number } {
  if (text.length <= max) return { head: text, left: 0 };
  let end = max;
  const code = text.charCodeAt(end - 1);
  if (code >= 0xd800 && code < 0xdc00) end -= 1;
  return { head: text.slice(0, end), left: text.length - end };
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

const grouped = new Intl.NumberFormat("en-US");
export function number(value: number): string {
  return grouped.format(value);
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

// Words of the catalog, for people. What is not here is shown as it is named.
const types: Record<string, [string, string]> = {
  ec2_instance: ["EC2 instance", "EC2 instances"],
  ebs_volume: ["EBS volume", "EBS volumes"],
  ebs_snapshot: ["EBS snapshot", "EBS snapshots"],
  rds_instance: ["RDS instance", "RDS instances"],
  rds_cluster: ["RDS cluster", "RDS clusters"],
  rds_snapshot: ["RDS snapshot", "RDS snapshots"],
  rds_cluster_snapshot: ["RDS cluster snapshot", "RDS cluster snapshots"],
  s3_bucket: ["S3 bucket", "S3 buckets"],
  lambda_function: ["Lambda function", "Lambda functions"],
  lambda_layer: ["Lambda layer", "Lambda layers"],
  lambda_alias: ["Lambda alias", "Lambda aliases"],
  vpc: ["VPC", "VPCs"],
  subnet: ["Subnet", "Subnets"],
  security_group: ["Security group", "Security groups"],
  load_balancer: ["Load balancer", "Load balancers"],
  target_group: ["Target group", "Target groups"],
  classic_load_balancer: ["Classic load balancer", "Classic load balancers"],
  ami: ["Machine image", "Machine images"],
  elastic_ip: ["Elastic IP address", "Elastic IP addresses"],
  nat_gateway: ["NAT gateway", "NAT gateways"],
  auto_scaling_group: ["Auto Scaling group", "Auto Scaling groups"],
  ecs_cluster: ["ECS cluster", "ECS clusters"],
  ecs_service: ["ECS service", "ECS services"],
  eks_cluster: ["EKS cluster", "EKS clusters"],
  eks_node_group: ["EKS node group", "EKS node groups"],
  dynamodb_table: ["DynamoDB table", "DynamoDB tables"],
  elasticache_cluster: ["ElastiCache cluster", "ElastiCache clusters"],
  elasticache_replication_group: ["ElastiCache replication group", "ElastiCache replication groups"],
  sqs_queue: ["SQS queue", "SQS queues"],
  sns_topic: ["SNS topic", "SNS topics"],
  cloudwatch_alarm: ["CloudWatch alarm", "CloudWatch alarms"],
  cloudfront_distribution: ["CloudFront distribution", "CloudFront distributions"],
  iam_role: ["IAM role", "IAM roles"],
  iam_user: ["IAM user", "IAM users"],
  iam_instance_profile: ["instance profile", "instance profiles"],
};

export function typeName(type: string, many = false): string {
  const known = types[type];
  if (known) return known[many ? 1 : 0];
  const words = type.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1) + (many ? "s" : "");
}

/** The words of constraints, relations and the like: `has_backups` → "has backups". */
export function words(name: string): string {
  return name.replaceAll("_", " ").replaceAll(".", " ");
}

/** One argument as a shell would have to be told; only for lines to copy. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function shellLine(line: string[]): string {
  return line.map(shellWord).join(" ");
}
