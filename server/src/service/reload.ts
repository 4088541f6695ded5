import { createSecureContext } from 'node:tls'
import { certsLayout } from '@vedette/certs/files'
import { readCredentials } from '@vedette/shared/credentials'
import { ConfigFault, messageOf } from '@vedette/shared/errors'
import { acceptOptions } from '@vedette/shared/tls'
import type { Certificates } from '../authority/certificates.ts'
import type { ServerConfig } from '../config.ts'
import { readShown } from '../desk/console-certificate.ts'
import type { Desk } from '../desk/desk.ts'
import type { Galleries } from '../gallery/galleries.ts'
import type { Gate } from '../gate/gate.ts'
import type { Settings } from '../settings.ts'
import type { Judges } from '../spaces/judges.ts'
import type { SpaceOpener } from '../spaces/space-opener.ts'

type Reloadable = {
  settings: Settings
  certificates: Certificates
  opener: SpaceOpener
  galleries: Galleries
  judges: Judges
  gate: Gate
  desk: Desk
}

/**
 * Takes over `next` and the certificates on the disk: all that can fail is done before anything
 * changes. Gives the names of what differs.
 */
export async function adopt(next: ServerConfig, parts: Reloadable): Promise<string[]> {
  const { settings, certificates, opener, galleries, judges, gate, desk } = parts
  const changed = settings.check(next)
  const rows = await Promise.all(galleries.all.map(({ space }) => opener.find(space, next.match)))
  await checkCertificate(next.home)
  const shown = await readShown(next.console)
  await certificates.refresh()
  settings.adopt(next)
  if (shown !== undefined) desk.showAtConsole(shown)
  for (const { id, calibration } of rows) galleries.recalibrate(id, calibration)
  gate.sessions.useAnnounce(next.gate.announce)
  await judges.refresh()
  return changed
}

/** Throws ConfigFault where the server could not show the certificate that lies below `home`. */
async function checkCertificate(home: string): Promise<void> {
  const folder = certsLayout(home).credentials({ role: 'server', name: '' })
  const credentials = await readCredentials(folder)
  try {
    createSecureContext(acceptOptions(credentials))
  } catch (cause) {
    throw new ConfigFault('config.invalid', `${folder}: ${messageOf(cause)}`, {
      cause,
      hint: 'chain.pem and key.pem must belong together: take both from one backup',
    })
  }
}
