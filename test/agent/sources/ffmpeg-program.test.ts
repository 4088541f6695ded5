import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DEFAULT_FFMPEG } from '@vedette/agent/config'
import { FfmpegSource } from '@vedette/agent/sources/ffmpeg'
import type { Needs } from '@vedette/agent/sources/ffmpeg-input'
import { FfmpegProgram, findFfmpeg } from '@vedette/agent/sources/ffmpeg-program'
import { makeClip as cameraClip } from '@vedette/scripts/bench/hostile/clip'
import { FakeCamera } from '@vedette/scripts/bench/hostile/fake-camera'
import { rtspCamera } from '@vedette/scripts/bench/hostile/rtsp'
import { Unavailable } from '@vedette/shared/errors'
import { silentLog } from '@vedette/shared/log'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeClip } from '../../support/agent-ffmpeg.ts'
import { nobody } from '../../support/agent-frames.ts'
import { recordedLog } from '../../support/agent-log.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { eventually } from '../../support/until.ts'

const jailed = new FfmpegProgram(DEFAULT_FFMPEG, silentLog)
const bare = new FfmpegProgram({ ...DEFAULT_FFMPEG, jail: 'never' }, silentLog)
const hasJail = (await jailed.facts()).jail === 'bubblewrap'
const NOTHING: Needs = { network: false, files: [], devices: [] }

let folder: TemporaryFolder

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  await writeFile(join(folder.path, 'secret.txt'), 'the secret')
  await makeClip(join(folder.path, 'clip.avi'), '64x48', 1)
})

afterAll(() => folder[Symbol.asyncDispose]())

/** Runs ffmpeg to its end with these arguments. */
async function run(ffmpeg: FfmpegProgram, args: string[], needs: Partial<Needs> = {}) {
  const command = await ffmpeg.command({ ...NOTHING, ...needs }, ['-v', 'error', '-y', ...args])
  return spawnSync(command.program, command.args, { encoding: 'utf8', timeout: 10_000 })
}

/** Makes ffmpeg copy whatever is there. */
const copy = (from: string, to = 'pipe:1') => [
  '-f',
  'data',
  '-i',
  from,
  '-map',
  '0',
  '-c',
  'copy',
  '-f',
  'data',
  to,
]

/** Command lines and more of every process here, by its id. */
async function processes(): Promise<{ pid: string; line: string; name: string }[]> {
  const pids = (await readdir('/proc')).filter((pid) => /^\d+$/.test(pid))
  const read = (pid: string, file: string) =>
    readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  return Promise.all(
    pids.map(async (pid) => ({
      pid,
      line: (await read(pid, 'cmdline')).replaceAll('\0', ' '),
      name: (await read(pid, 'comm')).trim(),
    })),
  )
}

describe.runIf(hasJail)('ffmpeg in a jail', () => {
  it('reads the file that it was given, and no other', async () => {
    const [given, other] = [join(folder.path, 'secret.txt'), '/etc/passwd']
    expect((await run(jailed, copy(given), { files: [given] })).stdout).toBe('the secret')
    expect((await run(bare, copy(other))).stdout).toContain('root:')
    for (const file of [other, '/usr/bin/env', '/proc/self/environ', folder.path, '/etc/shadow']) {
      const { stdout, stderr } = await run(jailed, copy(file), { files: [given] })
      expect(stdout, file).toBe('')
      expect(stderr, file).toMatch(/No such file or directory|Is a directory/)
    }
  })

  it('has no network unless its source needs that', async () => {
    let calls = 0
    const server = createServer((socket) => {
      calls++
      socket.end('from the network')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const dial = async (needs: Partial<Needs>) => {
      const { program, args } = await jailed.command({ ...NOTHING, ...needs }, [
        ...['-v', 'error', ...copy(`tcp://127.0.0.1:${port}`)],
      ])
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      let text = ''
      child.stdout.on('data', (chunk) => {
        text += chunk
      })
      await once(child, 'close')
      return text
    }
    expect(await dial({ network: true })).toBe('from the network')
    expect(calls).toBe(1)
    expect(await dial({})).toBe('')
    expect(calls).toBe(1)
    server.close()
  })

  it('says of a file that is not there that it is not there', async () => {
    const config = { kind: 'file', path: '/nonexistent', pace: 'fast', loop: false } as const
    const source = new FfmpegSource(config, { fps: 5, stall: 10_000, ffmpeg: jailed })
    await expect(source.frames(nobody).next()).rejects.toMatchObject({ code: 'camera.not-found' })
  })

  it('can be had for cameras that may not be watched without', async () => {
    const strict = new FfmpegProgram({ ...DEFAULT_FFMPEG, jail: 'always' }, silentLog)
    expect(await strict.facts()).toMatchObject({ jail: 'bubblewrap' })
  })
})

describe.each([
  ...(hasJail ? [['in a jail', jailed] as const] : []),
  ['without one', bare] as const,
])('ffmpeg %s', (_where, ffmpeg) => {
  it('writes no file', async () => {
    const file = join(folder.path, 'written.txt')
    const given = join(folder.path, 'secret.txt')
    await run(ffmpeg, copy(given, `file:${file}`), { files: [given] })
    expect(await readFile(file, 'utf8').catch(() => '')).toBe('')
  })

  it('has nothing in its environment, no rights to gain, little memory and low priority', async () => {
    const path = join(folder.path, 'clip.avi')
    const config = { kind: 'file', path, pace: 'realtime', loop: true } as const
    const source = new FfmpegSource(config, { fps: 5, stall: 10_000, ffmpeg })
    for await (const _frame of source.frames(nobody)) {
      const all = await processes()
      const own = all.filter(({ name, line }) => name === 'ffmpeg' && line.includes(path))
      const [pid] = own.map((one) => one.pid)
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8')
      const status = await read('status')
      expect(status).toMatch(/^NoNewPrivs:\t1$/m)
      if (ffmpeg === jailed) expect(status).toMatch(/^CapEff:\t0+$/m)
      expect(await read('limits')).toMatch(/^Max address space +768000000 +768000000 /m)
      expect(await read('limits')).toMatch(/^Max file size +0 +0 /m)
      expect((await read('environ')).split('\0').filter(Boolean).sort()).toEqual(
        expect.arrayContaining(['LC_ALL=C', 'MALLOC_ARENA_MAX=2']),
      )
      expect(await read('environ')).not.toMatch(/HOME|PATH|USER/)
      expect((await read('stat')).split(') ')[1]!.split(' ')[16]).toBe('5')
      break
    }
    await eventually(async () => {
      expect((await processes()).filter(({ line }) => line.includes(path))).toEqual([])
    })
  })

  it('shows no password of a camera to others on the machine', async () => {
    await using camera = await FakeCamera.start(rtspCamera(await cameraClip('64x48', '0x20c040')))
    const url = `rtsp://admin:s3cretpass@127.0.0.1:${camera.port}/live`
    const source = new FfmpegSource(
      { kind: 'rtsp', url, transport: 'tcp' },
      { fps: 5, stall: 10_000, ffmpeg },
    )
    let seen = 0
    for await (const { picture } of source.frames(nobody)) {
      expect(picture.width).toBe(64)
      const lines = (await processes()).map(({ line }) => line)
      expect(lines.filter((line) => line.includes('ffmpeg'))).not.toEqual([])
      expect(lines.filter((line) => line.includes('s3cretpass'))).toEqual([])
      if (++seen === 2) break
    }
    expect(seen).toBe(2)
  })
})

describe('FfmpegProgram', () => {
  /** A folder with links to these programs, as a path. */
  async function pathOf(...programs: string[]): Promise<string> {
    const path = join(folder.path, programs.join('-') || 'empty')
    await mkdir(path, { recursive: true })
    for (const name of programs) {
      const file = name === 'ffmpeg' ? findFfmpeg() : `/usr/bin/${name}`
      await symlink(file, join(path, name)).catch(() => {})
    }
    return path
  }

  /** A program that says that it is ffmpeg of some version. */
  async function claiming(version: string): Promise<string> {
    const file = join(folder.path, `ffmpeg-${version}`)
    await writeFile(file, `#!/bin/sh\necho ffmpeg version ${version} Copyright\n`)
    await chmod(file, 0o755)
    return file
  }

  it('does without a jail where there is none, and says so once', async () => {
    const { log, lines } = recordedLog()
    const program = new FfmpegProgram(DEFAULT_FFMPEG, log, await pathOf('ffmpeg'))
    expect(await program.facts()).toMatchObject({
      jail: 'none',
      why: 'bubblewrap is not installed',
    })
    await program.command(NOTHING, [])
    expect(lines).toMatchObject([{ level: 'warn', event: 'ffmpeg.unjailed', jail: 'none' }])
  })

  it('does without one that does not work, and says why', async () => {
    const path = await pathOf('ffmpeg')
    const bwrap = join(folder.path, 'broken', 'bwrap')
    await mkdir(join(folder.path, 'broken'))
    await writeFile(
      bwrap,
      '#!/bin/sh\necho "bwrap: No permissions to create a new namespace" >&2\nexit 1\n',
    )
    await chmod(bwrap, 0o755)
    const { log } = recordedLog()
    const program = new FfmpegProgram(DEFAULT_FFMPEG, log, `${join(folder.path, 'broken')}:${path}`)
    expect(await program.facts()).toMatchObject({
      jail: 'none',
      why: 'bwrap: No permissions to create a new namespace',
    })
  })

  it('does not run at all without the jail that it must have, and looks again each time', async () => {
    const path = await pathOf('ffmpeg')
    const program = new FfmpegProgram({ ...DEFAULT_FFMPEG, jail: 'always' }, silentLog, path)
    for (let i = 0; i < 2; i++) {
      const fault = await rejectionOf(program.command(NOTHING, []), Unavailable)
      expect(fault).toMatchObject({
        code: 'camera.jail-missing',
        hint: expect.stringContaining('apt-get install bubblewrap'),
      })
    }
  })

  it.each(['4.4.2-0ubuntu0.22.04.1', 'n4.3', '5.0.1'])('refuses version %s', async (version) => {
    const path = await claiming(version)
    const program = new FfmpegProgram({ ...DEFAULT_FFMPEG, jail: 'never', path }, silentLog)
    expect(await rejectionOf(program.facts(), Unavailable)).toMatchObject({
      code: 'camera.ffmpeg-old',
      hint: expect.stringContaining('5.1'),
    })
  })

  it.each(['5.1.9-0+deb12u1', 'n7.1', 'N-109-gabc', '2024-01-01-git'])(
    'takes version %s',
    async (version) => {
      const path = await claiming(version)
      const program = new FfmpegProgram({ ...DEFAULT_FFMPEG, jail: 'never', path }, silentLog)
      expect(await program.facts()).toMatchObject({ version })
    },
  )

  it('says so when the memory is too little for ffmpeg itself', async () => {
    const config = { ...DEFAULT_FFMPEG, jail: 'never', memory: 20_000_000 } as const
    const fault = await rejectionOf(new FfmpegProgram(config, silentLog).facts(), Unavailable)
    expect(fault.code).toBe('camera.ffmpeg-broken')
    expect(fault.hint).toContain('ffmpeg.memory')
  })
})
