import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CREDENTIAL_FILES, readCredentials, renewalSteps } from '@vedette/shared/credentials'
import { Refusal } from '@vedette/shared/errors'
import type { Credentials } from '@vedette/shared/tls'
import { parseAgentConfig } from '../config.ts'
import { replaceFile } from '../durable.ts'

/** What lies in the folder of an agent that has joined. */
export const JOINED = { config: 'agent.yaml', credentials: 'credentials' } as const

/** A camera as the command line has it: a name and a source. */
export type NamedSource = { name: string; source: string }

/** Throws Refusal `certificate.exists` where an agent lives already that nobody said to replace. */
export async function refuseOccupied(home: string, replace: boolean): Promise<void> {
  if (replace) return
  for (const name of Object.values(JOINED)) {
    const path = join(home, name)
    if (!(await exists(path))) continue
    throw new Refusal('certificate.exists', `there is a ${path} already`, {
      hint: 'choose another folder with --home, or add --replace',
    })
  }
}

/** `name=source`, as `--camera` takes it. Throws Refusal `request.invalid`, ConfigFault. */
export function parseNamedSource(text: string): NamedSource {
  const [, name, source] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || source === undefined) {
    throw new Refusal('request.invalid', `not a camera: ${text}`, {
      hint: 'write NAME=SOURCE, such as door=rtsp://10.0.0.20/sub',
    })
  }
  parseAgentConfig(agentYaml('localhost', 1, [{ name, source }]), `--camera ${text}`)
  return { name, source }
}

/** Writes the credentials, the key for its owner alone; on the disk when this resolves. */
export async function writeJoined(home: string, credentials: Credentials): Promise<string> {
  const folder = join(home, JOINED.credentials)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const before = await readCredentials(folder).catch(() => undefined)
  const { chain, key, trust } = credentials
  const write = (file: string, text: string, secret = false) =>
    replaceFile(join(folder, file), text, secret)
  await write(CREDENTIAL_FILES.trust, trust)
  if (before === undefined) {
    await write(CREDENTIAL_FILES.key, key, true)
    await write(CREDENTIAL_FILES.chain, chain)
  } else {
    for (const { file, text, secret } of renewalSteps(before, credentials)) {
      await write(file, text, secret)
    }
  }
  return folder
}

/**
 * Writes the configuration. One that is there stays where no cameras are named; else it is kept as
 * agent.yaml.before.
 */
export async function writeConfig(
  home: string,
  server: { host: string; port: number },
  cameras: readonly NamedSource[],
): Promise<string> {
  const file = join(home, JOINED.config)
  const before = await readFile(file, 'utf8').catch(() => undefined)
  if (before !== undefined) {
    if (cameras.length === 0) return file
    await replaceFile(`${file}.before`, before, false)
  }
  await replaceFile(file, agentYaml(server.host, server.port, cameras), false)
  return file
}

function agentYaml(host: string, port: number, cameras: readonly NamedSource[]): string {
  const lines = cameras.map(({ name, source }) => `  ${name}: ${JSON.stringify(source)}`)
  return [
    '# Vedette agent. Paths are taken from the folder of this file; see README.md.',
    'server:',
    `  host: ${JSON.stringify(host)}`,
    `  port: ${port}`,
    `credentials: ${JOINED.credentials}`,
    'cameras:',
    '  # A camera is a name and a source: rtsp://…, http://… (MJPEG), /dev/video0, a video file,',
    '  # or a folder/ of pictures. Try it with: vedette-agent check --config agent.yaml',
    ...(lines.length > 0 ? lines : ['  first-camera: /dev/video0']),
    '',
  ].join('\n')
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
