import { expect, it } from 'vitest'
import { asRefusal } from './refusal'

it('keeps known codes with their words and turns everything else into bug', () => {
  expect(asRefusal({ code: 'wrong_pin', params: { left: 3 } })).toMatchObject({ code: 'wrong_pin', params: { left: '3' } })
  expect(asRefusal({ code: 'no_such_code' }).code).toBe('bug')
  expect(asRefusal(new Error('secret')).message).toBe('bug')
  expect(asRefusal(null).code).toBe('bug')
})
