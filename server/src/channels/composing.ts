import { Refusal } from '@vedette/shared/errors'
import type { List } from '../lists/list.ts'
import type { Alert } from '../store/alerts.ts'
import type { NoticeRow } from '../store/notice-rows.ts'
import type { Store } from '../store/store.ts'
import type { Rules } from './channel.ts'
import type { Notice, ToldAlert, ToldCamera } from './notice.ts'

export type ComposingOptions = {
  store: Pick<Store, 'alerts' | 'entries'>
  lists: { find(id: string): Pick<List, 'name' | 'priority'> | undefined }
}

/**
 * What a channel is told by a row of its outbox, as things stand now: only the row itself is kept, so
 * that nothing of a person waits anywhere but in their entry. Undefined where what it was about is
 * gone.
 */
export async function composed(
  row: Pick<NoticeRow, 'id' | 'kind' | 'at' | 'alertId' | 'camera' | 'about' | 'recipient'>,
  rules: Pick<Rules, 'names' | 'picture'>,
  { store, lists }: ComposingOptions,
): Promise<Notice | undefined> {
  const { id, kind, at, alertId, camera, about, recipient } = row
  const notice = { id, kind, at, ...(recipient !== null && { recipient }) }
  if (camera !== null) {
    const [agent = '', name = ''] = camera.split('/')
    const said = JSON.parse(about ?? '{}') as Pick<ToldCamera, 'state' | 'why'>
    return { ...notice, camera: { agent, camera: name, ...said } }
  }
  if (alertId === null) return notice
  const alert = await known(store.alerts.get(alertId))
  if (alert === undefined) return undefined
  const told = toldAlert(alert, lists.find(alert.list))
  const ending = alert.certainty === 'withdrawn' || alert.outcome === 'false'
  // Of somebody who it was not there is neither a name nor a picture to be told.
  if (ending) return { ...notice, alert: told }
  const name = rules.names && alert.rival === null ? await nameOf(store, alert) : undefined
  const picture = rules.picture ? await known(store.alerts.chip(alertId)) : undefined
  return {
    ...notice,
    alert: { ...told, ...(name !== undefined && { name }) },
    ...(picture !== undefined && { picture }),
  }
}

async function nameOf(store: Pick<Store, 'entries'>, { entryId }: Alert) {
  return (await known(store.entries.get(entryId)))?.name
}

function toldAlert(
  alert: Alert,
  list: Pick<List, 'name' | 'priority'> | undefined,
): Omit<ToldAlert, 'name'> {
  const { id, incident, entryId, agent, camera, certainty, state, outcome } = alert
  const { late, retrospective, capturedAt, raisedAt, score, threshold, place } = alert
  return {
    ...{ id, incident, entry: entryId, list: alert.list },
    listName: list?.name ?? null,
    priority: list?.priority ?? null,
    ...{ agent, camera },
    place: place && { latitude: place.latitude, longitude: place.longitude },
    ...{ certainty, state, outcome, late, retrospective, capturedAt, raisedAt, score, threshold },
  }
}

/** Undefined of what is not there any more. */
async function known<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
