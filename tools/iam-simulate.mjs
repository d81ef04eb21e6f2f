// SPDX-License-Identifier: Apache-2.0
// The other side of tools/iam-compare: questions of tests/iam/question.h as lines of JSON in,
// {"result", "layers", "ignored", "error"} out. Runs in a folder of its own where the package
// @cloud-copilot/iam-simulate was installed; nothing of Escher is built from or linked with it.
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const installed = createRequire(process.cwd() + '/')
const { runSimulation } = await import(
  pathToFileURL(installed.resolve('@cloud-copilot/iam-simulate')).href)

const named = (documents, name) => documents.map((policy, i) => ({ name: `${name} ${i + 1}`, policy }))
const levels = (given, name) => (given ?? []).map((documents, i) => ({
  orgIdentifier: `${name} level ${i + 1}`, policies: named(documents, name) }))

// RCPFullAWSAccess is understood there and must not be given.
const withoutFullAccess = (documents) => documents.filter((d) => d.Statement.Effect !== 'Allow')

function simulation(question) {
  const { resource_policy: resourcePolicy, session, boundary } = question
  return {
    request: {
      principal: question.principal,
      action: question.action,
      resource: { resource: question.resource, accountId: question.account },
      contextVariables: question.context,
    },
    identityPolicies: named(question.identity, 'identity'),
    permissionBoundaryPolicies: boundary && named(boundary, 'boundary'),
    serviceControlPolicies: levels(question.scp, 'scp'),
    resourceControlPolicies: levels(question.rcp?.map(withoutFullAccess), 'rcp'),
    resourcePolicy: resourcePolicy?.[0],
    sessionPolicy: session?.[0],
  }
}

function told(answer) {
  if (answer.resultType === 'error') return { error: JSON.stringify(answer.errors ?? answer) }
  const result = answer.result ?? answer.results?.[0]
  const { analysis, ignoredContextKeys } = result
  return {
    result: answer.overallResult,
    layers: {
      scp: analysis.scpAnalysis?.result,
      rcp: analysis.rcpAnalysis?.result,
      resource: analysis.resourceAnalysis?.result,
      identity: analysis.identityAnalysis?.result,
      boundary: analysis.permissionBoundaryAnalysis?.result,
      session: analysis.sessionAnalysis?.result,
    },
    ignored: ignoredContextKeys ?? [],
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let said
  try {
    said = told(await runSimulation(simulation(JSON.parse(line)), {}))
  } catch (error) {
    said = { error: String(error) }
  }
  console.log(JSON.stringify(said))
}
