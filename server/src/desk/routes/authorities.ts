import { derOf } from '@vedette/certs/crl'
import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import { type Follower, RETURN_MS, type Readiness, readinessOf } from '../../authority/followers.ts'
import { type CertsStatus, certsStatus } from '../../authority/status.ts'
import type { Refreshed } from '../answered/authorities.ts'
import { certsAnswer, readinessAnswer, refreshedAnswer } from '../answers/certificates.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const about = z.object({ all: z.enum(['0', '1']).default('0') })
const which = z.object({ authority: z.string().max(64) })
const way = z.object({ direction: z.enum(['forward', 'back']) })

/** Certificates, authorities and their lists, and how far the fleet has followed a rotation. */
export async function authorityRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { office, takeIn, store, connected, clock } = options
  const began = clock.now()

  const followers = async (): Promise<Follower[]> => {
    const here = new Set(connected())
    const lately = clock.now() - RETURN_MS
    const agents = await store.agents.all()
    return agents.map(({ name, trust, serial, lastSeen }) => {
      const near = here.has(name) || lastSeen > lately || began > lately
      return { name, trust, serial, near }
    })
  }

  app.get(
    '/certificates',
    {
      config: { needs: 'status.view' },
      schema: {
        summary: 'Authorities, certificates, and how far the fleet follows',
        answers: { 200: certsAnswer },
        querystring: about,
      },
    },
    async ({ query }): Promise<CertsStatus> => {
      const { all } = query
      return certsStatus(office, await followers(), clock.now(), all === '1')
    },
  )

  /** Takes in at once what the CLI has changed below certs. */
  app.post(
    '/certificates/refresh',
    {
      config: { needs: 'certificates.manage' },
      schema: {
        summary: 'Take in what was changed below certs',
        answers: { 200: refreshedAnswer },
      },
    },
    async (): Promise<Refreshed> => {
      await takeIn()
      const { phase } = office.state
      return { phase, trust: office.trust.version }
    },
  )

  /** Of the phase as it is on the disk now: of the one before, everybody may have followed. */
  app.get(
    '/certificates/readiness/:direction',
    {
      config: { needs: 'certificates.manage' },
      schema: {
        summary: 'Whether a rotation can go on, or back',
        answers: { 200: readinessAnswer },
        params: way,
      },
    },
    async ({ params }): Promise<Readiness> => {
      const { direction } = params
      await takeIn()
      return readinessOf(office, await followers(), direction, clock.now())
    },
  )

  app.get(
    '/crls/:authority',
    {
      config: { needs: 'status.view' },
      schema: {
        summary: 'What an authority took back',
        answers: { 200: 'application/pkix-crl' },
        params: which,
      },
    },
    async ({ params }, reply) => {
      const { authority } = params
      const crl = office.crl(authority)
      if (crl === undefined) throw new Refusal('crl.not-found', `no list of ${authority}`)
      return reply.type('application/pkix-crl').send(derOf(crl))
    },
  )
}
