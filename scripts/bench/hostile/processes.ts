import { readdirSync, readFileSync } from 'node:fs'

const SAMPLE_MS = 100

/** Memory of a process, and of whom it is. */
type Seen = { pid: number; tag: string; residentBytes: number }

/** Looks at every ffmpeg that was started with `tag=NAME` among its arguments, while it is not disposed. */
export class Watch {
  readonly #timer: NodeJS.Timeout
  /** The most memory that an ffmpeg of a tag ever had, bytes. */
  readonly peaks = new Map<string, number>()

  constructor() {
    this.#timer = setInterval(() => this.#look(), SAMPLE_MS)
  }

  /** The process ids of the ffmpegs that run with `tag` now. */
  pidsOf(tag: string): number[] {
    return ffmpegs().flatMap((one) => (one.tag === tag ? [one.pid] : []))
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const { tag, residentBytes } of ffmpegs()) {
      this.peaks.set(tag, Math.max(this.peaks.get(tag) ?? 0, residentBytes))
    }
  }
}

function ffmpegs(): Seen[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      if (!status.startsWith('Name:\tffmpeg\n')) return []
      const [, peak = '0'] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? []
      const [, tag = ''] =
        /\0tag=([^\0]*)\0/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? []
      return [{ pid: Number(pid), tag, residentBytes: Number(peak) * 1024 }]
    } catch {
      return [] // it has just ended
    }
  })
}
