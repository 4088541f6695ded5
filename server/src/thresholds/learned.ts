import type { CameraId } from './budgets.ts'
import { Scores } from './scores.ts'
import { fitTail, type Tail } from './tail.ts'

/** Growth of the evidence that is worth another fit. */
const GROWTH = 1.05

/** What is learned of one camera's strangers. */
export class Learned {
  readonly id: CameraId
  readonly scores: Scores
  /** Since when, epoch milliseconds. */
  readonly since: number
  /** Whether anything was learned that is not on disk. */
  unsaved = false
  #tail: Tail | undefined
  #judgements = 0
  #fitted = { walks: 0, judgements: 0 }

  constructor(id: CameraId, since: number, scores = new Scores()) {
    this.id = { agent: id.agent, camera: id.camera }
    this.since = since
    this.scores = scores
  }

  /** Their tail, where there is evidence: fitted again when there is a twentieth more. */
  get tail(): Tail | undefined {
    const { walks } = this.scores
    const [fitted, judgements] = [this.#fitted, this.#judgements]
    if (walks >= fitted.walks * GROWTH || judgements !== fitted.judgements) {
      this.#tail = fitTail(this.scores)
      this.#fitted = { walks: Math.max(1, walks), judgements }
    }
    return this.#tail
  }

  /** An alert was raised or judged: a few of these tell as much as many walks. */
  judged(): void {
    this.#judgements++
  }
}
