/** Answers to warnings. An answer holds for the very numbers that were asked about; other numbers ask again. */
import type { Finding } from '../../api/generated'
import { isObject } from '../../records/bodies'

export function answerKey(kind: string, finding: Finding): string {
  const params = Object.entries(finding.params).sort(([a], [b]) => a.localeCompare(b))
  return JSON.stringify([kind, finding.code, finding.field, params])
}

/** Findings about what has not been changed since they were made; the others are asked anew with the next save. */
export function stillTrue(findings: readonly Finding[], before: unknown, after: unknown): Finding[] {
  return findings.filter((finding) => JSON.stringify(fieldIn(before, finding.field)) === JSON.stringify(fieldIn(after, finding.field)))
}

function fieldIn(body: unknown, field: string): unknown {
  if (!isObject(body) || field === '') return body
  if (!Array.isArray(body.items)) return body[field]
  return body.items.find((item: unknown) => isObject(item) && item.key === field)
}

export interface OpenFindings {
  /** Cannot be stored. */
  refused: Finding[]
  /** Wait for an answer. */
  asked: Finding[]
}

export function openFindings(kind: string, findings: readonly Finding[], given: ReadonlySet<string>): OpenFindings {
  return {
    refused: findings.filter((finding) => finding.severity === 'refuse'),
    asked: findings.filter((finding) => finding.severity === 'ask' && !given.has(answerKey(kind, finding))),
  }
}
