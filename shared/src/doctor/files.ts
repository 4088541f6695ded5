import { createPrivateKey, X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CREDENTIAL_FILES, readCredentials } from '../credentials.ts'
import { splitPem } from '../pem.ts'
import { as, type Check, fail, ok, warn } from './findings.ts'

const DAY_MS = 86_400_000

/** Whether a secret is its owner's alone. */
export function secretCheck(name: string, file: string): Check {
  return {
    name,
    look: async () => {
      const { mode } = await stat(file)
      const others = mode & 0o077
      const found = `${file} has mode 0${(mode & 0o777).toString(8)}`
      if (others === 0) return ok(found, as('doctor.secret.own', { file }))
      return fail(
        found,
        `others can read it: chmod 600 ${file}`,
        as('doctor.secret.open', { file }),
      )
    },
  }
}

/** Whether a credentials folder holds a certificate that counts now, its key, and a root above it. */
export function certificateCheck(name: string, folder: string, now: number): Check {
  return {
    name,
    look: async () => {
      const { chain, key, trust } = await readCredentials(folder)
      const [leaf, ...above] = splitPem(chain).map((pem) => new X509Certificate(pem))
      const again = 'let it be issued again: vedette certs issue --replace'
      if (leaf === undefined)
        return fail(
          `${folder} holds no certificate`,
          again,
          as('doctor.certificate.broken', { folder }),
        )
      if (!leaf.checkPrivateKey(createPrivateKey(key))) {
        const said = as('doctor.certificate.broken', { folder })
        return fail(`${folder}: key and certificate do not belong together`, again, said)
      }
      const known = [...above, ...splitPem(trust).map((pem) => new X509Certificate(pem))]
      if (!leadsUp(leaf, known)) {
        const said = as('doctor.certificate.broken', { folder })
        return fail(`${folder}: no root above the certificate`, again, said)
      }
      const [from, until] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)]
      const day = new Date(until).toISOString().slice(0, 16).replace('T', ' ')
      if (now < from) {
        const todo = 'the clock of this machine is behind'
        return fail(`it counts from ${leaf.validFrom} on`, todo, as('doctor.certificate.early'))
      }
      if (now >= until)
        return fail(`it ended ${day}`, again, as('doctor.certificate.ended', { day }))
      const left = until - now
      const days = Number((left / DAY_MS).toFixed(1))
      const found = `until ${day}, ${days.toFixed(1)} days, ${join(folder, CREDENTIAL_FILES.chain)}`
      if (left > (until - from) / 4) return ok(found, as('doctor.certificate.good', { day, days }))
      return warn(
        `${found}: it should have been renewed by now`,
        'can the agent and the server talk?',
        as('doctor.certificate.late', { day, days }),
      )
    },
  }
}

/** Whether each certificate is signed by another up to one that is signed by itself. */
function leadsUp(leaf: X509Certificate, known: readonly X509Certificate[]): boolean {
  let one = leaf
  for (let steps = 0; steps < 8; steps++) {
    const above = known.find((other) => one.checkIssued(other) && one.verify(other.publicKey))
    if (above === undefined) return false
    if (above.fingerprint256 === one.fingerprint256) return true
    if (above.checkIssued(above)) return true
    one = above
  }
  return false
}
