import { execFile } from 'node:child_process'

const PATIENCE_MS = 5000
const MOST_BYTES = 2_000_000

/** Languages that a code is spoken in. */
export const SPOKEN = ['en', 'de'] as const
export type Spoken = (typeof SPOKEN)[number]

/** `code` spelled aloud, WAV; undefined where there is no espeak-ng on this machine. */
export function sayCode(code: string, language: Spoken): Promise<Buffer | undefined> {
  const text = [...code].map((letter) => `${letter}. `).join('')
  const options = ['-v', language, '-s', '100', '-g', '30', '--stdout', text]
  return new Promise((resolve) => {
    execFile(
      'espeak-ng',
      options,
      { encoding: 'buffer', timeout: PATIENCE_MS, maxBuffer: MOST_BYTES },
      (error, stdout) => resolve(error || stdout.length === 0 ? undefined : stdout),
    )
  })
}
