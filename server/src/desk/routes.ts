import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { DeskParts } from './parts.ts'
import { agentRoutes } from './routes/agents.ts'
import { alertRoutes } from './routes/alerts.ts'
import { auditRoutes } from './routes/audit.ts'
import { authorityRoutes } from './routes/authorities.ts'
import { cameraRoutes } from './routes/cameras.ts'
import { certificateRoutes } from './routes/certificates.ts'
import { channelRoutes } from './routes/channels.ts'
import { choreRoutes } from './routes/chores.ts'
import { databaseRoutes } from './routes/database.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { doctorRoutes } from './routes/doctor.ts'
import { enrolmentRoutes } from './routes/enrolment.ts'
import { entryRoutes } from './routes/entries.ts'
import { entryChangeRoutes } from './routes/entry-changes.ts'
import { entryHistoryRoutes } from './routes/entry-history.ts'
import { entryPhotoRoutes } from './routes/entry-photos.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { figureRoutes } from './routes/figures.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { historyRoutes } from './routes/history.ts'
import { importRoutes } from './routes/imports.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { listRoutes } from './routes/lists.ts'
import { liveRoutes } from './routes/live.ts'
import { mapRoutes } from './routes/map.ts'
import { modelRoutes } from './routes/models.ts'
import { openApiRoutes } from './routes/openapi.ts'
import { operatorRoutes } from './routes/operators.ts'
import { ownAccountRoutes } from './routes/own-account.ts'
import { pastRoutes } from './routes/past.ts'
import { placeRoutes } from './routes/places.ts'
import { planRoutes } from './routes/plans.ts'
import { pushRoutes } from './routes/push.ts'
import { queueRoutes } from './routes/queue.ts'
import { rejectionRoutes } from './routes/rejections.ts'
import { reportRoutes } from './routes/report.ts'
import { requestRoutes } from './routes/requests.ts'
import { subjectRoutes } from './routes/subject.ts'
import { thresholdRoutes } from './routes/thresholds.ts'
import { trailRoutes } from './routes/trail.ts'

/** What people may ask for, by whichever door they come in: one line for each file of routes. */
const ROUTES: readonly FastifyPluginAsync<DeskParts>[] = [
  enrolmentRoutes,
  auditRoutes,
  entryRoutes,
  databaseRoutes,
  entryHistoryRoutes,
  entryPhotoRoutes,
  choreRoutes,
  entryChangeRoutes,
  requestRoutes,
  listRoutes,
  alertRoutes,
  decisionRoutes,
  queueRoutes,
  channelRoutes,
  pushRoutes,
  evidenceRoutes,
  rejectionRoutes,
  agentRoutes,
  figureRoutes,
  fleetRoutes,
  doctorRoutes,
  historyRoutes,
  importRoutes,
  invitationRoutes,
  cameraRoutes,
  certificateRoutes,
  authorityRoutes,
  openApiRoutes,
  operatorRoutes,
  ownAccountRoutes,
  pastRoutes,
  mapRoutes,
  placeRoutes,
  planRoutes,
  trailRoutes,
  liveRoutes,
  modelRoutes,
  reportRoutes,
  subjectRoutes,
  thresholdRoutes,
]

export function deskRoutes(app: FastifyInstance, parts: DeskParts): void {
  for (const routes of ROUTES) app.register(routes, { prefix: '/api', ...parts })
}
