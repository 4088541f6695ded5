import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { modelsCheck } from '@vedette/models/doctor'
import { Models } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import { certificateCheck, secretCheck } from '@vedette/shared/doctor/files'
import { type Check, fail, ok, warn } from '@vedette/shared/doctor/findings'
import { clockCheck, diskCheck, memoryCheck, unitCheck } from '@vedette/shared/doctor/machine'
import { codeOf } from '@vedette/shared/errors'
import { silentLog } from '@vedette/shared/log'
import { dialOptions } from '@vedette/shared/tls'
import { checkCamera } from '../check.ts'
import { type AgentConfig, DEFAULT_FFMPEG, readAgentConfig } from '../config.ts'
import { AGENT_UNIT } from '../service.ts'
import { FfmpegProgram } from '../sources/ffmpeg-program.ts'

const PATIENCE_MS = 5000

/** Everything that can be wrong with the agent that `file` configures. */
export async function agentChecks(file: string, now: number): Promise<Check[]> {
  const config = await readAgentConfig(file).catch((error: Error) => error)
  const machine = [clockCheck(), memoryCheck(), unitCheck(AGENT_UNIT)]
  if (config instanceof Error) {
    const look = async () => {
      throw config
    }
    const ffmpeg = ffmpegCheck(new FfmpegProgram(DEFAULT_FFMPEG, silentLog))
    return [{ name: 'configuration', look }, ...machine, ffmpeg]
  }
  const { credentials, state, models, cameras } = config
  const ffmpeg = new FfmpegProgram(config.ffmpeg, silentLog)
  return [
    { name: 'configuration', look: async () => ok(file) },
    ...machine,
    ffmpegCheck(ffmpeg),
    diskCheck(credentials),
    stateCheck(state),
    certificateCheck('certificate', credentials, now),
    secretCheck('key of the certificate', join(credentials, 'key.pem')),
    serverCheck(config),
    modelsCheck(models.folder),
    ...Object.keys(cameras).map((name) => cameraCheck(name, config, ffmpeg)),
  ]
}

/** Which ffmpeg there is, and whether it is shut in. Throws what `facts` throws. */
export function ffmpegCheck(program: Pick<FfmpegProgram, 'facts'>): Check {
  return {
    name: 'ffmpeg',
    look: async () => {
      const { version, path, jail, why } = await program.facts()
      const found = `${version}, ${path}, ${jail === 'none' ? 'not jailed' : `under ${jail}`}`
      if (why === undefined) return ok(found)
      return warn(`${found}: ${why}`, 'install it: apt-get install bubblewrap')
    },
  }
}

/** Where sightings are kept that the server does not have yet. */
function stateCheck(folder: string): Check {
  return {
    name: 'state',
    look: async () => {
      const made = await mkdtemp(join(folder, '.doctor-')).catch((error) => codeOf(error))
      if (made === 'ENOENT') return warn(`there is no ${folder} yet`, 'the agent makes it')
      if (!made.startsWith(folder)) {
        const todo = `let the agent's user write there: chown vedette-agent: ${folder}`
        return fail(`cannot write to ${folder} (${made})`, todo)
      }
      await rm(made, { recursive: true })
      return ok(`can be written: ${folder}`)
    },
  }
}

/** Whether the server can be reached, is ours, and knows our certificate's root. */
function serverCheck({ server, credentials: folder }: AgentConfig): Check {
  const { host, port, name } = server
  return {
    name: 'server',
    look: async () => {
      const options = dialOptions(await readCredentials(folder), { role: 'server', name })
      const said = await new Promise<string>((resolve) => {
        const socket = connect({ ...options, host, port })
        const end = (text: string) => {
          clearTimeout(timer)
          socket.destroy()
          resolve(text)
        }
        const timer = setTimeout(() => end('no answer in time'), PATIENCE_MS)
        socket.on('error', (error) => end(codeOf(error)))
        socket.once('secureConnect', () => end('ok'))
      })
      if (said === 'ok') return ok(`answers at ${host}:${port}`)
      if (/^(ECONN|EHOST|ENET|ENOTFOUND|EAI_|no answer)/.test(said)) {
        const todo = 'is it running, and is the network between up? sightings wait here meanwhile'
        return fail(`${host}:${port} does not answer (${said})`, todo)
      }
      return fail(
        `what answers at ${host}:${port} is not our server (${said})`,
        'is the address right?',
      )
    },
  }
}

function cameraCheck(
  name: string,
  { cameras, models: seeing }: AgentConfig,
  ffmpeg: FfmpegProgram,
): Check {
  return {
    name: `camera ${name}`,
    look: async () => {
      await using models = await Models.open(seeing)
      const folder = await mkdtemp(join(tmpdir(), 'vedette-doctor-'))
      try {
        const around = { folder, log: silentLog, clock: systemClock, ffmpeg }
        const report = await checkCamera(name, cameras[name]!, models, around)
        const { width, height, fps, faces = [], message, code, hint, stream } = report
        if (!report.ok) return fail(`${message} [${code}]`, hint ?? 'see: vedette-agent check')
        const found = `${width}×${height}, ${fps} frames a second, ${faces.length} faces`
        return ok(stream ? `${found}; ${stream}` : found)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}
