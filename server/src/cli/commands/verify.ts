import { readFile, stat } from 'node:fs/promises'
import process from 'node:process'
import { ConfigFault, messageOf } from '@vedette/shared/errors'
import { Command } from 'commander'
import { knownKeys, signerFiles } from '../../audit/signer.ts'
import { isGood, type Verification } from '../../verify/verification.ts'
import { verify } from '../../verify/verify.ts'
import { globalsOf } from '../context.ts'
import { EXIT } from '../exit.ts'
import { print } from '../render.ts'

type Options = { key?: string; models?: string }

/** No file that Vedette signs is as large, bytes. */
const MOST_BYTES = 512 * 1024 * 1024

export function verifyCommand(): Command {
  return new Command('verify')
    .description('whether a file that Vedette signed is as it was signed; asks no server')
    .argument('<file>')
    .option('--key <file>', "the deployment's public key, PEM (certs/audit/public.pem)")
    .option('--models <folder>', 'where installed models are, to compute scores again')
    .addHelpText(
      'after',
      '\nWithout --key, in a folder of a deployment, its own key is used; elsewhere the one in the file.' +
        '\nEnds with 0 where all holds, 7 where something does not.',
    )
    .action(async (file: string, options: Options, command: Command) => {
      const globals = globalsOf(command)
      const keys = await keysOf(options.key ?? signerFiles(globals.home).known, options.key)
      const verified = await verify(await bytesOf(file), { keys, models: options.models })
      print({ file, good: isGood(verified), ...verified }, globals, lines)
      if (!isGood(verified)) process.exitCode = EXIT.refused
    })
}

const MARKS = { holds: 'ok     ', broken: 'BROKEN ', unchecked: '?      ' } as const

function lines({ good, kind, signer, findings }: Verification & { good: boolean }): string {
  const about = Math.max(...findings.map((finding) => finding.about.length))
  const rows = findings.map(
    (finding) => `${MARKS[finding.state]} ${finding.about.padEnd(about)}  ${finding.words}`,
  )
  const verdict = good
    ? `GOOD: ${kind}, as it was signed by key ${signer?.id}`
    : 'NOT GOOD: it is not what was signed, or does not bear itself out'
  const doubt =
    good && signer?.vouched === false
      ? [
          'That key stands in the file itself: compare it with the deployment, or give it with --key.',
        ]
      : []
  return [...rows, verdict, ...doubt].join('\n')
}

/** Keys in `file`; undefined where it is not there and nobody `asked` for it. Throws ConfigFault. */
async function keysOf(
  file: string,
  asked: string | undefined,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const known = knownKeys(await readFile(file, 'utf8'))
    if (known.size > 0) return known
  } catch (cause) {
    if (asked === undefined) return undefined
    throw unusable(file, messageOf(cause), cause)
  }
  throw unusable(file, 'there is no public key in it')
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file)
    if (size <= MOST_BYTES) return await readFile(file)
  } catch (cause) {
    throw unusable(file, messageOf(cause), cause)
  }
  throw unusable(file, 'nothing that Vedette signs is as large')
}

function unusable(file: string, why: string, cause?: unknown): ConfigFault {
  return new ConfigFault('config.unreadable', `cannot use ${file}: ${why}`, {
    cause,
    hint: 'name a file that was exported, and with --key a public key in PEM',
  })
}
