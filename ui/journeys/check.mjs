/** Waiting for what a screen shows, and saying what was missing. */

export function check(holds, sentence) {
  if (!holds) throw new Error(sentence)
}

/** Asks again until it holds. */
export async function until(sentence, ask, ms = 15_000) {
  const end = Date.now() + ms
  for (;;) {
    const got = await ask()
    if (got) return got
    if (Date.now() > end) throw new Error(`not within ${ms / 1000} s: ${sentence}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
