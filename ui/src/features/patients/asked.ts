/** What the search should look for when it opens next. In memory alone: a name belongs neither in an address nor in the browser's history. */
let asked = ''

export function askFor(text: string): void {
  asked = text
}

export function askedFor(): string {
  return asked
}

interface Entered {
  family: string
  given: string
  familyKana: string
  givenKana: string
}

/** What finds the similar people: the part of the name that all of them share, else the kana as entered (same sound, other characters), else the name. `names` as the app joins them, `佐藤 花子、佐藤 華子`. */
export function lookFor(names: string, entered: Entered): string {
  const [first = [], ...others] = names.split('、').map((name) => name.trim().split(/\s+/).filter(Boolean))
  const shared = first.filter((word) => others.every((other) => other.includes(word)))
  const kana = `${entered.familyKana.trim()} ${entered.givenKana.trim()}`.trim()
  return shared.join(' ') || kana || `${entered.family.trim()} ${entered.given.trim()}`.trim()
}
