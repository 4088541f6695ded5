import type { ListPolicy } from '@vedette/server/lists/list'

const DAY_MS = 86_400_000

/** As the desk has a list of which nothing else is said. */
export const USUAL: ListPolicy = {
  name: '',
  kind: 'wanted',
  colour: '#d32f2f',
  priority: 3,
  cameras: null,
  hours: null,
  viewers: null,
  approvals: 1,
  confirmations: 1,
  sound: 'repeat',
  quiet: null,
  boardNames: true,
  keepFor: 0,
  keepPictures: false,
  escalateAfter: null,
  demands: [],
  usualLife: 90 * DAY_MS,
  longestLife: 365 * DAY_MS,
}
