import { likeness, type Measures } from './measure.ts'

/** Scene time until what is usual is known, milliseconds. */
const LEARN_MS = 10_000
/** How fast what is usual follows what is, from then on, milliseconds. */
const FOLLOW_MS = 600_000

/** A figure's long-term mean and how far it usually is from that. */
export type Level = { mean: number; deviation: number }

/** What the camera's pictures are usually like; troubles are told by how far they are from that. */
export class Usual {
  #since: number | undefined
  #at = 0
  #outline: Float32Array = new Float32Array(0)
  #textured: Level | undefined
  #sharpness: Level | undefined
  #likeness: Level | undefined

  /** True when enough was seen. */
  get known(): boolean {
    return this.#since !== undefined && this.#at - this.#since >= LEARN_MS
  }

  get textured(): Level | undefined {
    return this.#textured
  }

  get sharpness(): Level | undefined {
    return this.#sharpness
  }

  /** Of a picture's outline to the usual one. */
  get likeness(): Level | undefined {
    return this.#likeness
  }

  /** How much `outline` is like the usual one; undefined before there is one. */
  compare(outline: Float32Array): number | undefined {
    if (this.#outline.length !== outline.length) return undefined
    return likeness(this.#outline, outline)
  }

  /** Takes in a picture of scene time `at` with which nothing is wrong. */
  learn({ outline, textured, sharpness }: Measures, at: number): void {
    this.#since ??= at
    const lived = Math.max(0, at - this.#since)
    const passed = Math.max(0, at - this.#at)
    const share = lived === 0 ? 1 : Math.min(1, passed / Math.min(lived + passed, FOLLOW_MS))
    this.#at = at
    const alike = this.compare(outline)
    if (alike === undefined) this.#outline = outline.slice()
    else {
      this.#likeness = moved(this.#likeness, alike, share)
      for (const [i, value] of outline.entries()) {
        this.#outline[i]! += share * (value - this.#outline[i]!)
      }
    }
    this.#textured = moved(this.#textured, textured, share)
    if (sharpness !== undefined) this.#sharpness = moved(this.#sharpness, sharpness, share)
  }

  /** What was usual is so no more. */
  forget(): void {
    this.#since = undefined
    this.#outline = new Float32Array(0)
    this.#textured = undefined
    this.#sharpness = undefined
    this.#likeness = undefined
  }
}

function moved(level: Level | undefined, value: number, share: number): Level {
  if (level === undefined) return { mean: value, deviation: 0 }
  const mean = level.mean + share * (value - level.mean)
  const away = Math.abs(value - level.mean)
  return { mean, deviation: level.deviation + share * (away - level.deviation) }
}
