/** Sentences for findings. The numbers and the decision come with the finding; only the words are here. */
import type { Finding } from '../../api/generated'
import type { Say } from '../useWords'
import { fieldOf, type VitalField } from './fields'
import type { vitalsWords } from './words'

export type VitalsWord = keyof typeof vitalsWords.ja
export type VitalsSay = Say<VitalsWord>

const PLAIN = [
  'below_usual_limit', 'above_usual_limit', 'below_personal_limit', 'above_personal_limit', 'above_alert_limit', 'weight_gain', 'weight_loss', 'pain_rise', 'oedema_rise', 'low_meals',
  'consciousness_changed', 'no_stool', 'not_alert', 'in_the_future', 'out_of_range', 'not_a_number', 'too_many_decimals',
  'diastolic_not_below_systolic', 'diastolic_without_systolic', 'spo2_needs_gas', 'oxygen_needs_flow', 'room_air_with_oxygen',
] as const

export function sentence(finding: Finding, say: VitalsSay): string {
  const field = fieldOf(finding.field)
  const params = { ...finding.params, unit: field ? say(`unit.${field.id}`) : '' }
  if (finding.code === 'unusual_for_patient') return say(`find.unusual_${direction(finding) ?? 'high'}`, params)
  const plain = PLAIN.find((code) => code === finding.code)
  return plain ? say(`find.${plain}`, params) : say('find.other', { code: finding.code })
}

/** The sentence with the measure's name before it, where the field is not in sight. */
export function namedSentence(finding: Finding, say: VitalsSay): string {
  const field = fieldOf(finding.field)
  return `${field ? `${say(`name.${field.id}`)}　` : ''}${sentence(finding, say)}`
}

/** On which side of what it is compared with the value lies, for ▲ and ▼. */
export function direction(finding: Finding): 'low' | 'high' | null {
  if (finding.code.startsWith('below_')) return 'low'
  if (finding.code.startsWith('above_')) return 'high'
  if (finding.code === 'weight_gain') return 'high'
  if (finding.code === 'weight_loss') return 'low'
  if (finding.code !== 'unusual_for_patient') return null
  return Number(finding.params.value) < Number(finding.params.low) ? 'low' : 'high'
}

/** Findings of a field that wait for an answer; refusals first, since nothing goes on without them. */
export function openOf(field: VitalField, findings: readonly Finding[], answered: (finding: Finding) => boolean): Finding[] {
  const mine = findings.filter((finding) => fieldOf(finding.field)?.id === field.id && !answered(finding))
  return [...mine.filter((f) => f.severity === 'refuse'), ...mine.filter((f) => f.severity === 'ask')]
}
