/** Answers to warnings. An answer holds for the very numbers that were asked about; other numbers ask again. */
import type { Finding } from '../../api/generated'

export function answerKey(kind: string, finding: Finding): string {
  const params = Object.entries(finding.params).sort(([a], [b]) => a.localeCompare(b))
  return JSON.stringify([kind, finding.code, finding.field, params])
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
