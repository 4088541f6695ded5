import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import { Models } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { doctorCommand } from '@vedette/shared/doctor/command'
import { ConfigFault, codeOf, Fault, IntegrityFault, messageOf } from '@vedette/shared/errors'
import { createLog, type Log, silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { serviceCommand } from '@vedette/shared/service/command'
import { Daemon } from '@vedette/shared/service/daemon'
import { EXIT_BROKEN, EXIT_CONFIG, EXIT_FAILURE } from '@vedette/shared/service/exit'
import { openMetricsPages } from '@vedette/shared/service/metrics-server'
import { SOFTWARE } from '@vedette/shared/software'
import { Command, InvalidArgumentError } from 'commander'
import { Agent } from './agent.ts'
import { type CameraReport, checkCamera } from './check.ts'
import { MOST_FPS, readAgentConfig } from './config.ts'
import { agentChecks } from './doctor/checks.ts'
import { joinCommand } from './join/command.ts'
import { replay } from './replay.ts'
import { AGENT_UNIT, agentService, usesVideo } from './service.ts'
import { FfmpegProgram } from './sources/ffmpeg-program.ts'

const DEFAULT_CONFIG = process.env.VEDETTE_AGENT_CONFIG ?? 'agent.yaml'

const REPLAY_HELP = `
Standard output carries what an agent would send: length-prefixed msgpack, one hello and then a match
for each question, captured in the time of the scene. Standard error carries a line of JSON for each
clip that was seen whole. Made for: vedette evaluate video`

const program = new Command('vedette-agent')
  .description('Watches cameras and asks the server about the faces it sees.')
  .version(SOFTWARE, '-V, --version')
  .showSuggestionAfterError()

program
  .command('run', { isDefault: true })
  .description('watch the cameras until stopped; SIGHUP reads the configuration again')
  .option('-c, --config <file>', 'configuration', DEFAULT_CONFIG)
  .action(async ({ config: file }: { config: string }) => {
    const config = await readAgentConfig(file)
    const stopped = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
    })
    const log = createLog('agent', config.log)
    endOnCrash(log)
    const metrics = createMetrics('agent')
    let started: Agent | undefined
    await using _pages = await openMetricsPages(config.metrics, {
      log,
      file: 'agent.yaml',
      metrics,
      ready: () => started?.readiness() ?? { ready: false, why: 'starting' },
    })
    await using agent = await Agent.start(config, {
      log,
      metrics,
      onAlert: (notice) => process.stdout.write(`${JSON.stringify(notice)}\n`),
    })
    started = agent
    await using daemon = new Daemon(
      {
        status: () => agent.readiness().why,
        tests: agent.selfTests,
        reload: async () => agent.reload(await readAgentConfig(file)),
      },
      { log, environment: process.env, pid: process.pid },
    )
    process.on('SIGHUP', () => void daemon.reload())
    await stopped
  })

program
  .command('check')
  .description('open each camera and explain what it gives')
  .argument('[camera...]', 'only these cameras')
  .option('-c, --config <file>', 'configuration', DEFAULT_CONFIG)
  .option('--pictures <folder>', 'where to save a frame of each camera', 'vedette-check')
  .option('--json', 'one JSON object a camera')
  .action(async (only: string[], options: { config: string; pictures: string; json?: true }) => {
    const config = await readAgentConfig(options.config)
    const unknown = only.filter((name) => !Object.hasOwn(config.cameras, name))
    if (unknown.length > 0) {
      const known = Object.keys(config.cameras).join(', ')
      throw new ConfigFault('config.missing', `no camera ${unknown.join(', ')}`, {
        hint: `${options.config} has: ${known}`,
      })
    }
    await using models = await Models.open(config.models)
    const ffmpeg = new FfmpegProgram(config.ffmpeg, silentLog)
    for (const [name, camera] of Object.entries(config.cameras)) {
      if (only.length > 0 && !only.includes(name)) continue
      const around = { folder: options.pictures, log: silentLog, clock: systemClock, ffmpeg }
      const report = await checkCamera(name, camera, models, around)
      process.stdout.write(`${options.json ? JSON.stringify(report) : explain(report)}\n`)
      if (!report.ok) process.exitCode = EXIT_FAILURE
    }
  })

program
  .command('replay')
  .description('look at video files, and write what would be asked about them')
  .requiredOption('--clip <file...>', 'each is a camera of its own')
  .option('--fps <n>', 'frames looked at in a second', fraction, 5)
  .addHelpText('after', REPLAY_HELP)
  .action(async ({ clip: clips, fps }: { clip: string[]; fps: number }) => {
    await using models = await Models.open()
    const write = async (envelope: Uint8Array) => {
      if (!process.stdout.write(envelope)) await once(process.stdout, 'drain')
    }
    for await (const report of replay(clips, { models, fps, write })) {
      process.stderr.write(`${JSON.stringify({ event: 'replay.end', ...report })}\n`)
    }
  })

program.addCommand(
  doctorCommand({
    what: 'this agent and its cameras',
    options: (command) => command.option('-c, --config <file>', 'configuration', DEFAULT_CONFIG),
    checks: ({ config }) => agentChecks(resolve(String(config)), Date.now()),
    print: (text) => process.stdout.write(`${text}\n`),
    onFail: () => {
      process.exitCode = EXIT_FAILURE
    },
  }),
)

program.addCommand(
  joinCommand({
    print: (text) => process.stdout.write(`${text}\n`),
    say: (words) => process.stderr.write(`${words}\n`),
    input: process.stdin,
    run: async (configuration) => {
      await program.parseAsync(['run', '--config', configuration], { from: 'user' })
    },
  }),
)

program.addCommand(
  serviceCommand({
    unit: AGENT_UNIT,
    what: 'the agent',
    options: (command) =>
      command
        .option('-c, --config <file>', 'configuration', DEFAULT_CONFIG)
        .option(
          '--bubblewrap',
          'let bubblewrap shut ffmpeg in; the service may make namespaces then',
        ),
    service: async ({ user, config, bubblewrap }) => {
      const file = resolve(String(config))
      const { cameras } = await readAgentConfig(file)
      return agentService({
        exec: itself(),
        user,
        file,
        state: dirname(file),
        video: usesVideo(cameras),
        nests: bubblewrap === true,
      })
    },
    uid: process.getuid?.(),
    print: (text) => process.stdout.write(`${text}\n`),
  }),
)

/** What nobody caught leaves the process in a state that nobody knows: it ends, and is started anew. */
function endOnCrash(log: Log): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ code: codeOf(error), message: messageOf(error), stack: error.stack }, 'agent.crash')
    process.exit(EXIT_BROKEN)
  })
}

/** How systemd would start this program. */
function itself(): string[] {
  const { VEDETTE_PROGRAM } = process.env
  return VEDETTE_PROGRAM ? [VEDETTE_PROGRAM] : [process.execPath, realpathSync(process.argv[1]!)]
}

function fraction(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= MOST_FPS) return value
  throw new InvalidArgumentError(`expected a number above 0, at most ${MOST_FPS}`)
}

function explain(report: CameraReport): string {
  const lines = [`${report.ok ? 'ok    ' : 'FAILED'} ${report.camera}`]
  if (report.ffmpeg) lines.push(`ffmpeg   ${report.ffmpeg}`)
  if (report.stream) lines.push(`stream   ${report.stream}`)
  if (!report.ok) {
    lines.push(`reason   ${report.code}: ${report.message?.replaceAll('\n', '\n                ')}`)
    if (report.hint) lines.push(`do       ${report.hint}`)
    return lines.join('\n       ')
  }
  lines.push(`frames   ${report.width}×${report.height}, ${report.fps} a second looked at`)
  lines.push(`faces    ${report.faces?.length ?? 0}`)
  for (const face of report.faces ?? []) {
    lines.push(
      `         eyes ${face.eyeDistance} px apart, quality ${face.quality} (weakest: ${face.weakest})`,
    )
  }
  lines.push(`picture  ${report.picture}`)
  return lines.join('\n       ')
}

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`vedette-agent: ${messageOf(error)}\n`)
  if (error instanceof Fault && error.hint) process.stderr.write(`  ${error.hint}\n`)
  const mustMend = error instanceof ConfigFault || error instanceof IntegrityFault
  process.exitCode = mustMend ? EXIT_CONFIG : EXIT_FAILURE
}
