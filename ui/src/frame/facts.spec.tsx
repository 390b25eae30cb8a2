import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { startLanguage } from '../i18n/i18n'
import { EraFirst } from '../records/useDates'
import { PatientFacts } from './Facts'

beforeAll(() => { startLanguage('ja') })
afterEach(cleanup)

it('writes the birth date as the settings say', () => {
  const facts = <PatientFacts patient={{ birthDate: '1942-03-14', sex: 'female' }} />
  const { rerender } = render(<EraFirst value={true}>{facts}</EraFirst>)
  expect(screen.getByText(/昭和17（1942）年3月14日生/)).toBeTruthy()
  rerender(<EraFirst value={false}>{facts}</EraFirst>)
  expect(screen.getByText(/1942（昭和17）年3月14日生/)).toBeTruthy()
})
