import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Service } from '@vedette/shared/service/command'
import { refuseHidden } from '@vedette/shared/service/steps'
import { type UnitOptions, unitText } from '@vedette/shared/service/unit'
import type { ServerConfig } from '../config.ts'
import { type KeyPlace, parseKeyPlace } from '../vault/key-source.ts'

export const SERVER_UNIT = 'vedette-server.service'
/** The name under which the unit hands over the vault key. */
export const VAULT_CREDENTIAL = 'vault.key'
/** The name under which a passphrase of the vault key is handed over. */
export const PASSPHRASE_CREDENTIAL = 'vault.passphrase'

export type ServerPlace = Pick<ServerConfig, 'home' | 'data' | 'vaultKey'> & {
  channels?: ServerConfig['channels']
  /** The program, and what it needs before its own arguments. */
  exec: readonly string[]
  user: string
  configuration?: string | undefined
}

/** The unit of a server whose deployment lies in `home`. */
export function serverUnit(place: ServerPlace): string {
  const { home, vaultKey, exec, user, configuration, channels } = place
  const key = parseKeyPlace(vaultKey, (path) => path)
  const options: UnitOptions = {
    description: 'Vedette server',
    exec: [...exec, '--home', home],
    user,
    group: user,
    state: home,
    configuration,
    needs: [join(home, 'server.yaml'), ...(key.kind === 'credential' ? [] : [key.path])],
    ...secretsOf(key),
    environment: { NODE_ENV: 'production' },
    memoryMax: '75%',
    cpuQuota: 800,
    tasksMax: 512,
    sound: channels?.speech.card,
    bounds: true,
  }
  return unitText(options)
}

/** What systemd reads as root and hands over: a file, or what was encrypted for this machine. */
function secretsOf(key: KeyPlace): Pick<UnitOptions, 'credentials' | 'encrypted'> {
  if (key.kind === 'credential') return { encrypted: [key.name] }
  const credentials = { [VAULT_CREDENTIAL]: key.path }
  return key.kind === 'file' ? { credentials } : { credentials, encrypted: [PASSPHRASE_CREDENTIAL] }
}

/** The server as a service. Throws ConfigFault where its user could not read the program. */
export function serverService(place: ServerPlace): Service {
  refuseHidden(place.exec)
  const { user, home } = place
  return { text: serverUnit(place), user, state: home, owned: ownedBy(place) }
}

/** What lies in a deployment and must be the daemon's own; the vault key is root's alone. */
function ownedBy({ home, data, vaultKey }: ServerPlace): string[] {
  const known = ['certs', 'models'].map((name) => join(home, name))
  const key = parseKeyPlace(vaultKey, (path) => path)
  const apart = key.kind === 'credential' ? undefined : dirname(key.path)
  return [...known, data].filter((path) => path !== apart && existsSync(path))
}
