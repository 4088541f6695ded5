import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { systemClock } from '@vedette/shared/clock'
import { Command } from 'commander'
import { JOINED, type NamedSource, parseNamedSource } from './folder.ts'
import { join } from './join.ts'

type Options = {
  home: string
  camera: NamedSource[]
  replace?: true
  run?: true
  json?: true
}

export type JoinCommandOptions = {
  /** Writes data to standard output, and words for the person to standard error. */
  print: (text: string) => void
  say: (words: string) => void
  input: NodeJS.ReadableStream
  /** Goes on as the agent with that configuration. */
  run: (configuration: string) => Promise<void>
}

const HELP = `
The code comes from: vedette agents invite NAME. It is good for one machine. "-" reads it from
standard input, where other users of this machine do not see it.

Example:
  vedette-agent join vj1.… --home /etc/vedette --camera door=rtsp://10.0.0.20/sub --run`

export function joinCommand({ print, say, input, run }: JoinCommandOptions): Command {
  return new Command('join')
    .description('make this machine an agent, by a one-time code')
    .argument('<code>', 'as the control room gave it, or - to read it from standard input')
    .option('--home <folder>', `where ${JOINED.config} and its credentials are written`, '.')
    .option('--camera <name=source>', 'a camera; may be repeated', collected, [])
    .option('--replace', 'put it in the place of an agent that lives there')
    .option('--run', 'go on as that agent')
    .option('--json', 'what was done as JSON')
    .addHelpText('after', HELP)
    .action(async (given: string, options: Options) => {
      const code = given === '-' ? await text(input) : given
      const { camera: cameras, replace = false, json } = options
      const home = resolve(options.home)
      const report = await join({ code, home, cameras, replace, clock: systemClock })
      const until = new Date(report.until).toISOString()
      print(
        json
          ? JSON.stringify(report)
          : [
              `joined       ${report.agent}, welcome at ${report.server}`,
              `certificate  until ${until}, renewed by itself`,
              `credentials  ${report.credentials}`,
              `config       ${report.configuration}`,
            ].join('\n'),
      )
      const { configuration } = report
      if (options.run) return run(configuration)
      if (cameras.length === 0) say(`Next: name its cameras in ${configuration}`)
      say(`Try them:   vedette-agent check --config ${configuration}`)
      say(`Run it:     vedette-agent --config ${configuration}`)
    })
}

function collected(text: string, before: NamedSource[]): NamedSource[] {
  return [...before, parseNamedSource(text)]
}
