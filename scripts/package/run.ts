import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export type RunOptions = { cwd?: string; env?: NodeJS.ProcessEnv; input?: string }

/** Runs a program to its end; gives its standard output, or throws with what it complained. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, input = '' }: RunOptions = {},
): Promise<string> {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  })
  const ended = once(child, 'close')
  child.stdin.on('error', () => {}) // it ended without reading: its status says why
  child.stdin.end(input)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [status] = (await ended) as [number | null]
  if (status === 0) return out
  const said = `${out}${err}`.trim().split('\n').slice(-30).join('\n')
  throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${said}`)
}

export function tell(words: string): void {
  process.stderr.write(`package: ${words}\n`)
}
