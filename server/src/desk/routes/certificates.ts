import type { Revoked } from '@vedette/certs/revoking'
import { Refusal } from '@vedette/shared/errors'
import { isName } from '@vedette/shared/identity'
import { z } from 'zod'
import type { Renewed } from '../../authority/registrar.ts'
import { renewedAnswer, revokedAnswer } from '../answers/certificates.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const reason = z.string().trim().min(1).max(200)
const revocation = z.union([
  z.strictObject({ serial: z.string().regex(/^[0-9a-f]{2,40}$/, 'expected a serial'), reason }),
  z.strictObject({
    role: z.enum(['agent', 'operator']),
    name: z.string().refine(isName, 'not a name'),
    reason,
  }),
])
const renewal = z.strictObject({ request: z.string().min(1).max(4096) })

/** Taking certificates back, and renewing one's own. */
export async function certificateRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { registrar, stepUp } = options

  app.post(
    '/revocations',
    {
      config: { needs: 'certificates.manage', act: 'certificate.revoked', grave: true },
      schema: {
        summary: 'Take certificates back',
        answers: { 200: revokedAnswer },
        body: revocation,
      },
    },
    async ({ body, operator, serial, recorded }): Promise<Revoked[]> => {
      const { reason, ...target } = body
      const own =
        'serial' in target
          ? target.serial === serial
          : target.role === 'operator' && target.name === operator
      if (own) {
        throw new Refusal('request.invalid', 'that is the certificate that you ask with', {
          hint: 'ask as another operator; make one with: vedette users add NAME --role admin',
        })
      }
      const revoked = await registrar.revoke(target, reason, operator)
      const serials = revoked.map((one) => one.serial)
      if ('role' in target) recorded.about = { [target.role]: target.name }
      else recorded.about = { certificate: target.serial }
      recorded.details = { serials, reason }
      return revoked
    },
  )

  app.post(
    '/renewals',
    {
      config: { needs: 'status.view', act: 'certificate.renewed' },
      schema: {
        summary: 'Renew the certificate that you ask with',
        answers: { 200: renewedAnswer },
        body: renewal,
      },
    },
    async ({ body, operator, serial, recorded }): Promise<Renewed> => {
      const { request } = body
      const renewed = await registrar.renew(operator, serial, request)
      await stepUp.renewed(serial, renewed.serial)
      recorded.about = { operator, certificate: renewed.serial }
      recorded.details = { former: serial }
      return renewed
    },
  )
}
