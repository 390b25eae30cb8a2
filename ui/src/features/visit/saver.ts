/** Keeps drafts: every change is saved, a moment later or at once, in order, one at a time for each kind. Knows no screen. */
import type { Finding } from '../../api/generated'

export interface Saved {
  id: string
  findings: Finding[]
}

export interface SaverParts {
  save(kind: string, id: string | null, body: unknown): Promise<Saved>
  onSaved(kind: string, saved: Saved): void
  onFailed(kind: string, thrown: unknown): void
  waitMs: number
}

interface Line {
  id: string | null
  /** Not yet handed over. */
  waiting: { body: unknown } | null
  timer: ReturnType<typeof setTimeout> | null
  running: Promise<void> | null
}

export class Saver {
  readonly #parts: SaverParts
  readonly #lines = new Map<string, Line>()

  constructor(parts: SaverParts) {
    this.#parts = parts
  }

  /** A draft that exists already. */
  adopt(kind: string, id: string): void {
    this.#line(kind).id = id
  }

  idOf(kind: string): string | null {
    return this.#lines.get(kind)?.id ?? null
  }

  /** Something changed; saved after the wait, or with the next `flush`. */
  put(kind: string, body: unknown): void {
    const line = this.#line(kind)
    line.waiting = { body }
    if (line.timer) clearTimeout(line.timer)
    line.timer = setTimeout(() => void this.#run(kind, line), this.#parts.waitMs)
  }

  /** Resolves when everything put so far is kept. */
  async flush(): Promise<void> {
    await Promise.all([...this.#lines].map(([kind, line]) => this.#run(kind, line)))
  }

  /** Something newer than the last save is still to be kept. */
  get waiting(): boolean {
    return [...this.#lines.values()].some((line) => line.waiting !== null)
  }

  /** Drafts were thrown away elsewhere; the next change makes new ones. */
  forget(): void {
    for (const line of this.#lines.values()) if (line.timer) clearTimeout(line.timer)
    this.#lines.clear()
  }

  get busy(): boolean {
    return [...this.#lines.values()].some((line) => line.waiting !== null || line.running !== null)
  }

  async #run(kind: string, line: Line): Promise<void> {
    if (line.timer) clearTimeout(line.timer)
    line.timer = null
    while (line.running) await line.running
    if (!line.waiting) return
    const { body } = line.waiting
    line.waiting = null
    line.running = this.#save(kind, line, body)
    await line.running
  }

  async #save(kind: string, line: Line, body: unknown): Promise<void> {
    try {
      const saved = await this.#parts.save(kind, line.id, body)
      line.id = saved.id
      this.#parts.onSaved(kind, saved)
    } catch (thrown) {
      line.waiting ??= { body }
      this.#parts.onFailed(kind, thrown)
    } finally {
      line.running = null
    }
  }

  #line(kind: string): Line {
    const line = this.#lines.get(kind) ?? { id: null, waiting: null, timer: null, running: null }
    this.#lines.set(kind, line)
    return line
  }
}
