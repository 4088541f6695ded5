import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import { Unavailable } from '@vedette/shared/errors'
import type { Language } from './channel.ts'

/** A sentence or two is far below it, bytes of WAV. */
const MOST_BYTES = 8 * 1024 * 1024
const MOST_WORDS = 600
const PATIENCE_MS = 10_000
const KEPT_WORDS = 500

export type Saying = { text: string; language: Language; speed: number }

/**
 * `text` as sound, WAV. The text goes in by standard input, where nothing of it is an option or a
 * command; what is no text of a language is left out of it. Throws Unavailable `speech.missing`.
 */
export async function wavOf(
  program: string,
  { text, language, speed }: Saying,
  signal: AbortSignal,
): Promise<Buffer> {
  const said = sayable(text)
  const chunks: Buffer[] = []
  await run(program, ['-v', language, '-s', String(speed), '--stdin', '--stdout'], {
    signal,
    input: Buffer.from(said),
    onData: (chunk) => {
      chunks.push(chunk)
      if (chunks.reduce((sum, one) => sum + one.length, 0) > MOST_BYTES) throw tooLong()
    },
  })
  return withLength(Buffer.concat(chunks))
}

/** Plays a WAV on this machine; resolves when it was heard. Throws Unavailable `speech.missing`. */
export async function play(program: string, wav: Buffer, signal: AbortSignal): Promise<void> {
  await run(program, program.endsWith('aplay') ? ['-q', '-'] : [], { signal, input: wav })
}

/** One line of letters, digits and marks between words: what else names hold is not for a synthesizer. */
export function sayable(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{M}\p{N} .,;:!?'()/-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MOST_WORDS)
}

/*
 * The head of a WAV that was written to a pipe says lengths that nobody knew then:
 *
 *   Offset  Size  Field
 *   4       4     bytes that follow, little endian
 *   40      4     bytes of sound
 */
function withLength(wav: Buffer): Buffer {
  if (wav.length < 44 || wav.toString('latin1', 0, 4) !== 'RIFF') {
    throw new Unavailable('speech.missing', 'what came of the words is no sound', { hint: INSTALL })
  }
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.writeUInt32LE(wav.length - 44, 40)
  return wav
}

type Running = { signal: AbortSignal; input: Buffer; onData?: (chunk: Buffer) => void }

function run(program: string, args: string[], { signal, input, onData }: Running): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', onData === undefined ? 'ignore' : 'pipe', 'pipe'],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...(onData === undefined && soundPlace()) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS * 6)]),
      killSignal: 'SIGKILL',
    })
    let words = ''
    child.stderr?.setEncoding('utf8').on('data', (said: string) => {
      words = (words + said).slice(-KEPT_WORDS)
    })
    child.stdout?.on('data', (chunk: Buffer) => {
      try {
        onData?.(chunk)
      } catch (error) {
        child.kill('SIGKILL')
        reject(error)
      }
    })
    child.on('error', (cause) => reject(signal.aborted ? signal.reason : missing(program, cause)))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(missing(program, words.trim() || `it ended with ${code}`))
    })
    // Whoever does not read to the end has ended: that is told by its end.
    child.stdin?.on('error', () => {}).end(input)
  })
}

/** Where a sound server of this user is found, and nothing else of what this process knows. */
function soundPlace(): Record<string, string> {
  return { XDG_RUNTIME_DIR: `/run/user/${userInfo().uid}` }
}

const INSTALL = 'install it: sudo apt-get install -y espeak-ng alsa-utils'

function missing(program: string, cause: unknown): Unavailable {
  const said = cause instanceof Error ? cause.message : String(cause)
  return new Unavailable('speech.missing', `${program}: ${said}`, { cause, hint: INSTALL })
}

function tooLong(): Unavailable {
  return new Unavailable('speech.missing', 'the sound does not end', { hint: INSTALL })
}
