import { describe, expect, it } from 'vitest'
import { FIELDS, fieldOf } from './fields'
import { focusOn, isDone, nextField, nextPart, partOf } from './focus'
import { EMPTY, withNotMeasured, withValue } from './values'

const routine = FIELDS.filter((field) => field.routine)
const field = (id: string) => {
  const found = FIELDS.find((each) => each.id === id)
  if (!found) throw new Error(id)
  return found
}

describe('where the keypad goes', () => {
  it('passes over what is typed or skipped, and comes round to what was left out', () => {
    let body = withValue(EMPTY, 'pulse', '72')
    expect(nextField(routine, 'bp', body)?.id).toBe('spo2')
    body = withNotMeasured(body, ['spo2', 'rr', 'weight'], 'no-device')
    expect(nextField(routine, 'bp', body)?.id).toBe('temp')
  })
  it('has nowhere to go when all is done', () => {
    const body = withNotMeasured(EMPTY, routine.flatMap((each) => each.parts.map((part) => part.key)), 'unable')
    expect(nextField(routine, 'temp', body)).toBeNull()
  })
  it('needs both pressures', () => {
    expect(isDone(field('bp'), withValue(EMPTY, 'bp.sys', '138'))).toBe(false)
    expect(nextPart(field('bp'), 'bp.sys')).toBe('bp.dia')
    expect(nextPart(field('bp'), 'bp.dia')).toBeNull()
  })
  it('types the flow inside SpO₂', () => {
    expect(fieldOf('o2.flow')?.id).toBe('spo2')
    expect(partOf(field('spo2'), 'o2.flow')?.decimals).toBe(2)
    expect(focusOn(field('bp')).key).toBe('bp.sys')
  })
})
