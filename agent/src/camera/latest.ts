import { Bell } from '@vedette/shared/bell'

/**
 * Reads what `open` gives as fast as it comes and yields only the newest each time the consumer is
 * ready: a slow consumer sees fewer items, never older ones. `onSkip` is told of every item passed
 * over. `open` must end at its signal, which aborts with `signal` and when the loop is left.
 */
export async function* latest<T>(
  open: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
  signal: AbortSignal,
  onSkip: () => void,
): AsyncGenerator<T, void, undefined> {
  const left = new AbortController()
  const leave = () => left.abort()
  let slot: { item: T } | undefined
  let ended = false
  let failure: { error: unknown } | undefined
  const news = new Bell()

  const pump = async () => {
    try {
      for await (const item of open(left.signal)) {
        if (left.signal.aborted) break
        if (slot !== undefined) onSkip()
        slot = { item }
        news.ring()
      }
    } catch (error) {
      failure = { error }
    }
    ended = true
    news.ring()
  }
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  const pumping = pump()

  try {
    for (;;) {
      if (slot !== undefined) {
        const { item } = slot
        slot = undefined
        yield item
      } else if (ended) {
        break
      } else {
        await news.wait()
      }
    }
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
    await pumping
  }
  if (failure !== undefined) throw failure.error
}
