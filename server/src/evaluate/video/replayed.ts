import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { decodeEmbedding } from '@vedette/shared/embedding'
import { EnvelopeReader, WELCOME_LIMIT } from '@vedette/shared/envelope'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { type Match, parseFromAgent } from '@vedette/shared/message'
import type { Probe } from '../../probe.ts'

/** What an agent would ask about a clip; `seconds` count from its start. */
export type Question = Omit<Probe, 'agent' | 'receivedAt' | 'capturedAt'> & { seconds: number }

/** A clip seen whole. */
export type Replayed = { clip: string; seconds: number; questions: Question[] }

export type ReplayOptions = {
  /** The program `vedette-agent`. */
  program: string
  /** Frames a second looked at. */
  fps: number
  /** The embedding space of the gallery, and its length. */
  space: string
  length: number
  signal: AbortSignal
}

const PROGRAM = 'vedette-agent'
const REPORT = '"event":"replay.end"'

/**
 * `vedette-agent`: `named`, else beside this package, else from `path`. Throws Refusal
 * `evaluate.not-found`.
 */
export function findAgent(named: string | undefined, path: string): string {
  const above = (folder: string): string[] =>
    dirname(folder) === folder ? [folder] : [folder, ...above(dirname(folder))]
  const beside = above(import.meta.dirname).map((folder) => join(folder, 'node_modules', '.bin'))
  const places = [...beside, ...path.split(delimiter)].map((folder) => join(folder, PROGRAM))
  const found = (named === undefined ? places : [named]).find(isProgram)
  if (found !== undefined) return found
  throw new Refusal('evaluate.not-found', `no program ${named ?? PROGRAM}`, {
    hint: 'the agent looks at the clips: install it on this machine, or name it with VEDETTE_AGENT',
  })
}

/**
 * What the agent's program asks about `clip`. Throws Unavailable `evaluate.agent` where it cannot look
 * at it, Refusal `evaluate.not-found` where it speaks another embedding space, the signal's reason.
 */
export async function replayed(clip: string, options: ReplayOptions): Promise<Replayed> {
  const { program, fps, signal } = options
  const child = spawn(program, ['replay', '--clip', clip, '--fps', String(fps)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = () => child.kill('SIGTERM')
  signal.addEventListener('abort', end)
  try {
    const exited = new Promise<number | null>((resolve, reject) => {
      child.on('error', (cause) => reject(unable(clip, cause.message)))
      child.on('close', resolve)
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const [questions, code] = await Promise.all([questionsIn(child.stdout, options), exited])
    signal.throwIfAborted()
    const report = said.split('\n').find((line) => line.includes(REPORT))
    if (code !== 0 || report === undefined) throw unable(clip, said.trim())
    const { seconds } = JSON.parse(report) as { seconds: number }
    return { clip, seconds, questions }
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

async function questionsIn(
  output: AsyncIterable<Uint8Array>,
  { space, length }: ReplayOptions,
): Promise<Question[]> {
  const reader = new EnvelopeReader(WELCOME_LIMIT)
  const questions: Question[] = []
  let start = 0
  for await (const chunk of output) {
    for (const body of reader.push(chunk)) {
      const message = parseFromAgent(body)
      if (message.type === 'hello') {
        if (message.model !== space) throw otherSpace(message.model, space)
        start = message.sentAt
      } else if (message.type === 'match') questions.push(questionOf(message, start, length))
    }
  }
  return questions
}

function questionOf(match: Match, start: number, length: number): Question {
  const { camera, track, shot, capturedAt, box, quality, chip } = match
  const probe = decodeEmbedding(match.probe, length)
  return { camera, track, shot, box, quality, chip, probe, seconds: (capturedAt - start) / 1000 }
}

function unable(clip: string, why: string): Unavailable {
  return new Unavailable('evaluate.agent', `${clip} cannot be looked at: ${why}`, {
    hint: 'try it by hand: vedette-agent replay --clip FILE | wc -c',
  })
}

function otherSpace(theirs: string, ours: string): Refusal {
  return new Refusal('evaluate.not-found', `the agent's program speaks ${theirs}, not ${ours}`, {
    hint: 'install the agent of the same release, or name another with VEDETTE_AGENT',
  })
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
