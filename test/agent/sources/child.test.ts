import { once } from 'node:events'
import process from 'node:process'
import { Child } from '@vedette/agent/sources/child'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive, standIn } from '../../support/agent-programs.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'

/** What a program that does not end of itself is given, milliseconds, and what starting takes. */
const GRACE_MS = 2000
const SLACK_MS = 2500

let folder: TemporaryFolder

beforeAll(async () => {
  folder = await TemporaryFolder.make()
})

afterAll(() => folder[Symbol.asyncDispose]())

let count = 0
async function start(script: string, args: readonly string[] = []): Promise<Child> {
  return new Child(await standIn(folder.path, `program-${++count}`, script), args)
}

async function textOf(child: Child): Promise<string> {
  let text = ''
  for await (const chunk of child.output) text += chunk
  return text
}

/** How long `fn` takes, milliseconds. */
async function timed(fn: () => PromiseLike<unknown>): Promise<number> {
  const begin = performance.now()
  await fn()
  return performance.now() - begin
}

describe.concurrent('Child', () => {
  it('gives what the program writes, and how it ended', async () => {
    await using child = await start('out("hello"); process.exitCode = 3')
    expect(await textOf(child)).toBe('hello')
    expect(await child.exit()).toEqual({ code: 3, signal: null })
    expect(child.complaints).toBe('')
  })

  it('hands arguments on as they are, to the program and to no shell', async () => {
    const args = ['-i', 'a b', '$(id)', ';ls', '"', '', '*', 'ü']
    await using child = await start('out(JSON.stringify(process.argv.slice(2)))', args)
    expect(JSON.parse(await textOf(child))).toEqual(args)
  })

  it('says which signal ended it', async () => {
    await using child = await start('process.kill(process.pid, "SIGKILL")')
    expect(await child.exit()).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('keeps the last lines of complaint, oldest first, each cut to a length', async () => {
    const script = `
      for (let i = 1; i <= 50; i++) process.stderr.write('line ' + i + '\\r\\n\\n')
      process.stderr.write('x'.repeat(5000) + '\\n')
      process.stderr.write('no end of line')`
    await using child = await start(script)
    await textOf(child)
    await child.exit()
    const lines = child.complaints.split('\n')
    expect(lines).toEqual([
      ...Array.from({ length: 19 }, (_, i) => `line ${i + 32}`),
      'x'.repeat(300),
      'no end of line',
    ])
  })

  it('has heard all complaints when it says how the program ended', async () => {
    const later = 'setTimeout(() => process.stderr.write("it is not there"), 200)'
    const script = `
      require('node:child_process').spawn(process.execPath, ['-e', process.argv[2]],
        { stdio: ['ignore', 'ignore', 'inherit'] }).on('spawn', () => process.exit(1))`
    await using child = await start(script, [later])
    expect(await child.exit()).toEqual({ code: 1, signal: null })
    expect(child.complaints).toBe('it is not there')
  })

  it('holds little of complaints without end, with and without line ends', async () => {
    const script = `
      const chunk = process.argv[2].repeat(1 << 16)
      let left = 400
      const write = () => left-- > 0 && process.stderr.write(chunk, write)
      write()`
    for (const text of ['x', 'some words\n']) {
      await using child = await start(script, [text])
      await textOf(child)
      await child.exit()
      expect(child.complaints.length).toBeLessThanOrEqual(21 * 301)
      expect(child.complaints).toContain(text.trim())
    }
  })

  it('ends a program that would run for ever', async () => {
    const child = await start('out("up"); hang()')
    await once(child.output, 'data')
    expect(await timed(() => child[Symbol.asyncDispose]())).toBeLessThan(GRACE_MS)
    expect(isAlive(child.pid!)).toBe(false)
    expect(await child.exit()).toEqual({ code: null, signal: 'SIGTERM' })
  })

  it('ends a program that does not heed SIGTERM, after its grace', async () => {
    const child = await start('process.on("SIGTERM", () => {}); out("up"); hang()')
    await once(child.output, 'data')
    const took = await timed(() => child[Symbol.asyncDispose]())
    expect(took).toBeGreaterThan(GRACE_MS - 100)
    expect(took).toBeLessThan(GRACE_MS + SLACK_MS)
    expect(isAlive(child.pid!)).toBe(false)
    expect(await child.exit()).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('ends a program that is stopped', async () => {
    const child = await start('out("up"); hang()')
    await once(child.output, 'data')
    process.kill(child.pid!, 'SIGSTOP')
    expect(await timed(() => child[Symbol.asyncDispose]())).toBeLessThan(GRACE_MS + SLACK_MS)
    expect(isAlive(child.pid!)).toBe(false)
  })

  it('ends a program that nobody reads from', async () => {
    const child = await start('const more = () => out(Buffer.alloc(1 << 16), more); more()')
    await once(child.output, 'readable')
    await child[Symbol.asyncDispose]()
    expect(isAlive(child.pid!)).toBe(false)
  })

  it('waits a grace for a program whose output has ended, and no longer', async () => {
    await using child = await start(
      'process.on("SIGTERM", () => {}); hang(); require("fs").closeSync(1)',
    )
    await textOf(child)
    expect(await timed(() => child.exit())).toBeLessThan(GRACE_MS + SLACK_MS)
    expect(await child.exit()).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('may be disposed of twice, and after it has ended', async () => {
    const child = await start('out("up")')
    await textOf(child)
    await child.exit()
    await child[Symbol.asyncDispose]()
    await child[Symbol.asyncDispose]()
    expect(await child.exit()).toEqual({ code: 0, signal: null })
  })

  it.each([
    ['is not there', '/nonexistent/ffmpeg', 'ENOENT'],
    ['is a folder', '/', 'EACCES'],
    ['is no program', '/etc/passwd', 'EACCES'],
  ])('complains of a program that %s, and gives nothing', async (_what, program, code) => {
    await using child = new Child(program, [])
    expect(await textOf(child)).toBe('')
    const { code: exit } = await child.exit()
    expect(exit).not.toBe(0)
    expect(child.complaints).toContain(code)
    expect(child.pid).toBeUndefined()
  })
})
