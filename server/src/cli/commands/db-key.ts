import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import { readServerConfig } from '../../config.ts'
import { activeOf, markOf, withLastOnly, withNewKey } from '../../vault/key-ring.ts'
import type { KeyStatus } from '../../vault/key-rotation.ts'
import { KeySource, keyPlaceText, parseKeyPlace } from '../../vault/key-source.ts'
import { type GlobalOptions, globalsOf, openDesk } from '../context.ts'
import type { DeskClient } from '../desk-client.ts'
import { askVaultPassphrase } from '../passphrase.ts'
import { Progress } from '../progress.ts'
import { print, say } from '../render.ts'

const LOOK_MS = 200

type Options = { key?: string; newSource?: string; passphraseFile?: string }

export function rotateKeyCommand(): Command {
  return new Command('rotate-key')
    .description("replace the vault's key while the server serves; run again, it goes on")
    .option('--key <file>', 'the file that the unit loads, where the server reads a credential')
    .option('--new-source <source>', 'put the key there afterwards: PATH or passphrase:PATH')
    .option('--passphrase-file <file>', 'passphrase of the key (or VEDETTE_PASSPHRASE)')
    .addHelpText(
      'after',
      '\nExample:\n  vedette db rotate-key\n  vedette db rotate-key --new-source passphrase:vault.sealed',
    )
    .action(async (options: Options, command: Command) => {
      const globals = globalsOf(command)
      const source = await sourceOf(options, globals)
      await using desk = await openDesk(globals)
      const before = await desk.json<KeyStatus>('GET', '/database/key')
      const ring = await source.read()
      const here = ring.find(({ version }) => version === before.version)
      if (here === undefined || markOf(here.key) !== before.mark) {
        throw new Refusal('vault.other-key', `the server does not use the key in ${source.name}`, {
          hint: `it reads ${before.source}; name the file that this comes from with --key FILE`,
        })
      }
      // On the disk before anything is wrapped by it: a new key is never only in the database.
      const isNew = activeOf(ring).version === before.version && before.done && ring.length === 1
      const two = isNew ? withNewKey(ring) : ring
      if (isNew) await source.write(two)
      if (two.length > 1) await rewrapped(desk)
      const after = await desk.json<KeyStatus>('POST', '/database/key/retire')
      const last = withLastOnly(two)
      await source.write(last)
      const moved = await move(options, last)
      print({ ...after, moved: moved ?? null }, globals, ({ version, mark }) =>
        [
          `version   ${version} is in use, mark ${mark}`,
          `copy      keep a new copy of ${moved ?? source.name} apart from this machine`,
          ...(moved === undefined ? [] : [`next      set vaultKey: ${moved} in server.yaml`]),
        ].join('\n'),
      )
    })
}

/** Where the vault's keys are, as this program may read them. */
export async function sourceOf(options: Options, { home }: GlobalOptions): Promise<KeySource> {
  const { vaultKey } = await readServerConfig(home)
  const place = parseKeyPlace(options.key ?? vaultKey, (path) => resolve(home, path))
  return new KeySource(place, {
    credentials: undefined,
    passphrase: () => askVaultPassphrase(options.passphraseFile),
  })
}

async function rewrapped(desk: DeskClient): Promise<void> {
  let status = await desk.json<KeyStatus>('POST', '/database/key/rotate')
  const progress = new Progress('wrapped anew:')
  while (status.running) {
    progress.show(status.rewrapped, status.rewrapped + 1)
    await pause(LOOK_MS)
    status = await desk.json<KeyStatus>('GET', '/database/key')
  }
  progress.show(status.rewrapped, status.rewrapped)
}

/** Puts the key in another place; the former is left for as long as the server reads it. */
async function move(options: Options, ring: ReturnType<typeof withLastOnly>) {
  if (options.newSource === undefined) return undefined
  const place = parseKeyPlace(options.newSource, (path) => resolve(path))
  const to = new KeySource(place, {
    credentials: undefined,
    passphrase: () => askVaultPassphrase(options.passphraseFile),
  })
  await to.create(ring)
  say('The former file is still there: delete it when the server has started with the new one.')
  return keyPlaceText(place)
}
