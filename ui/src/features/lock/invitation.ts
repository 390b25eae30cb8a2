/** An invitation as it is scanned, pasted or typed: where to connect, and the code. Pure. */
export interface Invitation {
  address: string
  code: string
}

/** `https://relay.example.jp/#CODE` gives both; anything else is a code alone. */
export function splitInvitation(text: string): Partial<Invitation> & Pick<Invitation, 'code'> {
  const plain = text.normalize('NFKC').trim()
  const at = plain.indexOf('#')
  return at < 0 ? { code: text } : { address: tidyAddress(plain.slice(0, at)), code: plain.slice(at + 1).trim() }
}

/** Without white space, full-width signs and a last slash; `https` unless another way is written. Empty stays empty. */
export function tidyAddress(text: string): string {
  const plain = text.normalize('NFKC').replace(/\s/g, '').replace(/\/+$/, '')
  return plain === '' || /^https?:\/\//i.test(plain) ? plain : `https://${plain}`
}

export function joinInvitation({ address, code }: Invitation): string {
  return `${tidyAddress(address)}/#${code.normalize('NFKC').replace(/\s/g, '')}`
}
