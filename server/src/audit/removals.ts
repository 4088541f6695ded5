import { z } from 'zod'
import type { JsonObject } from './act.ts'
import type { Chain } from './chain.ts'
import type { Finding } from './findings.ts'

/** Retention has deleted the bodies of that kind up to act `through`; of '' the acts themselves. */
export type Cut = { kind: string; through: number }

const cutsSchema = z.object({
  cuts: z.array(z.object({ kind: z.string(), through: z.number().int().min(0) })),
})

/** What an act of retention says that it deleted. */
export function cutsOf(details: JsonObject): Cut[] {
  const parsed = cutsSchema.safeParse(details)
  return parsed.success ? parsed.data.cuts : []
}

/** What is gone of a record, held against what retention recorded that it deleted. */
export class Removals {
  readonly #missing = new Map<string, number[]>()
  readonly #cuts = new Map<string, { through: number; at: number }>()

  /** The body of act `seq` is gone. */
  missing(seq: number, kind: string): void {
    const same = this.#missing.get(kind)
    if (same === undefined) this.#missing.set(kind, [seq])
    else same.push(seq)
  }

  /** Retention recorded at that time what it deleted. */
  recorded(at: number, cuts: readonly Cut[]): void {
    for (const { kind, through } of cuts) this.#cuts.set(kind, { through, at })
  }

  /** Acts up to this one were deleted whole. */
  get prefix(): number {
    return this.#cuts.get('')?.through ?? 0
  }

  get retained(): { kind: string; bodies: number; through: number; at: number }[] {
    return [...this.#missing].flatMap(([kind, seqs]) => {
      const cut = this.#cuts.get(kind)
      if (cut === undefined) return []
      return [{ kind, bodies: seqs.filter((seq) => seq <= cut.through).length, ...cut }]
    })
  }

  /** What is gone without retention's having recorded it; `cuts` are what the database says of it. */
  judge({
    cuts,
    chain,
    first,
  }: {
    cuts: readonly Cut[] | undefined
    chain: Chain
    first: number
  }): Finding[] {
    const findings: Finding[] = []
    for (const [kind, seqs] of this.#missing) {
      const through = this.#cuts.get(kind)?.through ?? 0
      for (const seq of seqs) if (seq > through) findings.push({ what: 'body-removed', seq, kind })
    }
    // That a head is of the act before the first is no proof that what came before was deleted.
    const lawful = first <= 1 || (this.prefix === first - 1 && chain.isSigned(first - 1))
    if (!lawful && chain.isSigned(first - 1)) {
      findings.push({ what: 'removed', seq: 1, to: first - 1 })
    }
    if (cuts !== undefined) findings.push(...this.#differ(cuts))
    return findings
  }

  #differ(cuts: readonly Cut[]): Finding[] {
    const said = new Map(cuts.map(({ kind, through }) => [kind, through]))
    const kinds = new Set([...said.keys(), ...this.#cuts.keys()])
    return [...kinds]
      .filter((kind) => said.get(kind) !== this.#cuts.get(kind)?.through)
      .map((kind) => ({ what: 'retention-edited', kind }))
  }
}
