import type { Puzzle, PuzzleAnswer } from '@vedette/server/operators/captchas'
import Worker from 'altcha/workers/pbkdf2?worker'

export type Solution = PuzzleAnswer['solution']

const MOST_WORKERS = 4
const PATIENCE_MS = 90_000

/** Does the work that a puzzle asks of the browser, beside what people see; ALTCHA's proof of work. */
export async function solve(
  challenge: Puzzle['challenge'],
  signal: AbortSignal,
): Promise<Solution> {
  const count = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1))
  const workers = Array.from({ length: count }, () => new Worker())
  try {
    return await Promise.any(
      workers.map(
        (worker, at) =>
          new Promise<Solution>((resolve, reject) => {
            signal.addEventListener('abort', reject, { once: true })
            worker.onerror = reject
            worker.onmessage = ({ data }: MessageEvent<Solution | { error: unknown } | null>) => {
              if (data && 'derivedKey' in data && data.derivedKey) resolve(data)
              else reject(data)
            }
            worker.postMessage({
              type: 'work',
              challenge,
              counterStart: at,
              counterStep: count,
              counterMode: 'uint32',
              timeout: PATIENCE_MS,
            })
          }),
      ),
    )
  } finally {
    for (const worker of workers) worker.terminate()
  }
}
