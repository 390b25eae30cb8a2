import { describe, expect, it } from 'vitest'
import { joinInvitation, splitInvitation, tidyAddress } from './invitation'

describe('an invitation', () => {
  it('carries address and code in one text, as the QR code has it', () => {
    expect(splitInvitation(' http://127.0.0.1:4117/#ABCD-EFGH ')).toEqual({ address: 'http://127.0.0.1:4117', code: 'ABCD-EFGH' })
    expect(splitInvitation('https://relay.example.jp/meguri#ABCD')).toEqual({ address: 'https://relay.example.jp/meguri', code: 'ABCD' })
  })
  it('may be a code alone, which is left as it is being typed', () => {
    expect(splitInvitation('ABCD EF')).toEqual({ code: 'ABCD EF' })
  })
  it('reads an address as people type it', () => {
    expect(tidyAddress('ｒelay.example.jp ')).toBe('https://relay.example.jp')
    expect(tidyAddress('http://127.0.0.1:4117/')).toBe('http://127.0.0.1:4117')
    expect(tidyAddress('  ')).toBe('')
  })
  it('is sent as the core reads it', () => {
    expect(joinInvitation({ address: 'relay.example.jp/', code: 'abcd efgh' })).toBe('https://relay.example.jp/#abcdefgh')
  })
})
