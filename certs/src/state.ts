import { readFile } from 'node:fs/promises'
import { ConfigFault } from '@vedette/shared/errors'
import { z } from 'zod'
import { certsLayout, exists, writeAtomic } from './files.ts'

/*
 * Which authorities are at work. While a rotation is under way there are two pairs of a root and an
 * issuing authority, the old and the new; they share the root unless it is the root that changes.
 *
 *   phase      agents' and operators'     the server's      leaves let in   roots trusted
 *              certificates are signed by certificate is by
 *   steady     old                        old               old             old
 *   prepared   old                        old               old, new        old, new
 *   activated  new                        old               old, new        old, new
 *   moved      new                        new               old, new        old, new
 *   retired    new                        new               new             new
 *
 * Each phase differs from its neighbours in one column, so that whoever is connected can follow: a
 * peer is never shown, and never shows, what the other end does not accept yet. The server comes
 * last, for an agent that was away all the while still trusts the old root alone.
 */

export const PHASES = ['steady', 'prepared', 'activated', 'moved', 'retired'] as const
export type Phase = (typeof PHASES)[number]

const id = z.string().regex(/^[0-9a-f]{8}$/)
const pair = z.strictObject({ root: id, issuing: id })

const schema = z
  .strictObject({
    version: z.literal(1),
    phase: z.enum(PHASES),
    old: pair,
    new: pair.nullable(),
  })
  .refine((state) => (state.new === null) === (state.phase === 'steady'), 'phase without its pair')

/** The ids of a root and of an issuing authority below it. */
export type Pair = z.infer<typeof pair>
export type State = z.infer<typeof schema>

/** What a state means; ids, the oldest first. */
export type Standing = { signs: string; server: string; accepted: string[]; roots: string[] }

export function standingOf({ phase, old, new: next }: State): Standing {
  const both = next ?? old
  const pairs = phase === 'steady' ? [old] : phase === 'retired' ? [both] : [old, both]
  const index = PHASES.indexOf(phase)
  return {
    signs: index >= PHASES.indexOf('activated') ? both.issuing : old.issuing,
    server: index >= PHASES.indexOf('moved') ? both.issuing : old.issuing,
    accepted: [...new Set(pairs.map(({ issuing }) => issuing))],
    roots: [...new Set(pairs.map(({ root }) => root))],
  }
}

/** Throws ConfigFault `config.missing` where there is no deployment, `config.invalid`. */
export async function readState(home: string): Promise<State> {
  const { state: file, former } = certsLayout(home)
  const text = await readFile(file, 'utf8').catch(async (cause) => {
    if (await exists(former)) {
      throw new ConfigFault('config.invalid', `${former} was made by an earlier version`, {
        cause,
        hint: 'found a deployment anew in another home with: vedette init',
      })
    }
    throw new ConfigFault('config.missing', `cannot read ${file}`, {
      cause,
      hint: 'a deployment is founded by: vedette init',
    })
  })
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ConfigFault('config.invalid', `${file} does not say which authorities are at work`, {
      cause,
      hint: 'take the file from a backup',
    })
  }
}

/** On the disk when this resolves, whole or not at all. */
export function writeState(home: string, state: State): Promise<void> {
  return writeAtomic(certsLayout(home).state, formatState(state))
}

export function formatState(state: State): string {
  return `${JSON.stringify(schema.parse(state), null, 2)}\n`
}
