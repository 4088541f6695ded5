import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'

/**
 * Put before a server's own program (`--import`): reads a small file again and again, as anything in
 * it might, and writes down how long that took, ms a line, in the file BENCH_READS.
 */
const EVERY_MS = 20
const file = fileURLToPath(import.meta.url)
const reads = process.env.BENCH_READS
delete process.env.NODE_OPTIONS

if (isMainThread && reads !== undefined) void readOn(reads)

async function readOn(into: string): Promise<void> {
  for (;;) {
    await wait(EVERY_MS, undefined, { ref: false })
    const begun = performance.now()
    await readFile(file)
    appendFileSync(into, `${performance.now() - begun}\n`)
  }
}
