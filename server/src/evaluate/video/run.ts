import type { Photo } from './cast.ts'
import { ControlRoom, type Deciding } from './control-room.ts'
import { judgeVideo, type Shown, type VideoResult } from './judge.ts'
import { type Replayed, replayed } from './replayed.ts'
import type { Truth } from './truth.ts'

export type VideoOptions = {
  cast: ReadonlyMap<string, readonly Photo[]>
  clips: readonly string[]
  /** Who is to be seen; without it alerts are reported and not judged. */
  truth: Truth | undefined
  deciding: Deciding
  /** The program `vedette-agent`. */
  program: string
  fps: number
  /** Clips looked at side by side. */
  threads: number
  signal: AbortSignal
  onProgress: (done: number, total: number) => void
}

/**
 * What a deployment with `cast` on its list would have made of the clips, each a camera of its own.
 * Throws Refusal `photo.*`, what `replayed` throws, and the signal's reason.
 */
export async function evaluateVideo(options: VideoOptions): Promise<VideoResult> {
  const { cast, clips, truth, deciding, threads, onProgress } = options
  await using room = await ControlRoom.open(deciding)
  for (const [name, photos] of cast) {
    options.signal.throwIfAborted()
    await room.enrol(name, photos)
  }
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const { space, length } = room
  const looks = ahead(threads, clips, (clip) =>
    replayed(clip, { ...options, space, length, signal }),
  )
  const shown: Shown[] = []
  onProgress(0, clips.length)
  try {
    for (const look of looks) {
      const seen = await look()
      shown.push(shownOf(seen, await room.show(seen)))
      onProgress(shown.length, clips.length)
    }
  } finally {
    stop.abort()
  }
  return judgeVideo(shown, truth, (id) => room.nameOf(id))
}

function shownOf({ clip, seconds, questions }: Replayed, events: Shown['events']): Shown {
  const walks = new Set(questions.map(({ track }) => track)).size
  return { clip, seconds, questions: questions.length, walks, events }
}

/** Results of `work` in the order of `items`; `count` of them are under way at a time. */
function ahead<Item, Result>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): (() => Promise<Result>)[] {
  const started = new Map<number, Promise<Result>>()
  let next = 0
  const start = () => {
    if (next >= items.length) return
    const mine = work(items[next]!)
    started.set(next++, mine)
    mine.then(start, () => {}) // whoever asks for it is told
  }
  for (let i = 0; i < count; i++) start()
  return items.map((_, i) => () => started.get(i)!)
}
