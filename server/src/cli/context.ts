import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { certsLayout } from '@vedette/certs/files'
import { readCredentials } from '@vedette/shared/credentials'
import { ConfigFault, codeOf } from '@vedette/shared/errors'
import type { Credentials } from '@vedette/shared/tls'
import type { Command } from 'commander'
import { MODELS_FOLDER, readServerConfig } from '../config.ts'
import { DeskClient } from './desk-client.ts'
import { renewWhenDue } from './own-certificate.ts'
import { ownPassword } from './password.ts'
import { say } from './render.ts'

/** What every command can be told. */
export type GlobalOptions = {
  home: string
  operator?: string
  desk?: string
  credentials?: string
  passwordFile?: string
  reason?: string
  json?: true
}

export function globalsOf(command: Command): GlobalOptions {
  return command.optsWithGlobals()
}

/**
 * A client of the desk that the options name: of the deployment in `home` if they name none. The
 * operator's certificate is renewed on the way when it is time.
 */
export async function openDesk(options: GlobalOptions): Promise<DeskClient> {
  const { client, folder, credentials } = await operatorDesk(options)
  await renewWhenDue(client, folder, credentials, { now: Date.now(), warn: say })
  return client
}

/** The same, with the credentials it asks with; these are left as they are. */
export async function operatorDesk(
  options: GlobalOptions,
): Promise<{ client: DeskClient; folder: string; credentials: Credentials }> {
  const folder = options.credentials ?? (await operatorFolder(options))
  const credentials = await readCredentials(folder)
  const client = new DeskClient(await deskAddress(options), credentials, {
    ...options,
    password: () => ownPassword(options.passwordFile),
  })
  return { client, folder, credentials }
}

/** Folder of the models installed in the deployment in `home`, or where there will be one. */
export async function modelsFolder({ home }: GlobalOptions): Promise<string> {
  try {
    return (await readServerConfig(home)).models.folder
  } catch (error) {
    if (codeOf(error) !== 'config.unreadable') throw error
    return resolve(home, MODELS_FOLDER)
  }
}

async function deskAddress({ desk, home }: GlobalOptions): Promise<string> {
  if (desk !== undefined) return desk
  const { host, port } = (await readServerConfig(home)).desk
  return `${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`
}

async function operatorFolder({ home, operator }: GlobalOptions): Promise<string> {
  const parent = join(certsLayout(home).folder, 'operators')
  if (operator !== undefined) return join(parent, operator)
  const names = await readdir(parent).catch(() => [])
  const [only] = names
  if (only !== undefined && names.length === 1) return join(parent, only)
  throw new ConfigFault(
    'config.missing',
    names.length === 0 ? `no operator's certificate in ${parent}` : 'several operators here',
    {
      hint:
        names.length === 0
          ? 'name the deployment with --home, or a credentials folder with --credentials'
          : `say who you are with --operator: ${names.join(', ')}`,
    },
  )
}
