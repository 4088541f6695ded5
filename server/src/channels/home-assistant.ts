import { SOFTWARE } from '@vedette/shared/software'

/** One thing to be said on a topic that keeps what was said last. */
export type Retained = { topic: string; payload: string }
type Camera = { agent: string; camera: string }

/** What happens to alerts, as Home Assistant names it. */
export const EVENT_TYPES = [
  'new',
  'confirmed',
  'escalated',
  'acknowledged',
  'withdrawn',
  'resolved',
  'reopened',
  'camera',
  'canary',
  'test',
] as const

/** The topics below the channel's own; a camera is `AGENT/CAMERA`. */
export const topics = (base: string) => ({
  available: `${base}/available`,
  events: `${base}/events`,
  last: `${base}/last`,
  alert: (id: string) => `${base}/alerts/${id}`,
  camera: ({ agent, camera }: Camera) => `${base}/cameras/${agent}/${camera}/problem`,
  cameraDetails: ({ agent, camera }: Camera) => `${base}/cameras/${agent}/${camera}/details`,
})

/**
 * How Home Assistant learns what there is: one message for each thing that it shows.
 * Source: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
 */
export function discovery(
  { prefix, base, id }: { prefix: string; base: string; id: string },
  cameras: readonly Camera[],
): Retained[] {
  const at = topics(base)
  const own = `vedette_${id.replace(/-/g, '')}`
  const device = {
    identifiers: [own],
    name: 'Vedette',
    manufacturer: 'Vedette',
    model: 'Control room',
    sw_version: SOFTWARE,
  }
  const common = { availability_topic: at.available, device, has_entity_name: true }
  const config = (component: string, what: string, payload: object): Retained => ({
    topic: `${prefix}/${component}/${own}/${what}/config`,
    payload: JSON.stringify({ ...common, unique_id: `${own}_${what}`, ...payload }),
  })
  return [
    config('event', 'alert', {
      name: 'Alert',
      state_topic: at.events,
      event_types: EVENT_TYPES,
      icon: 'mdi:account-alert',
    }),
    config('sensor', 'last', {
      name: 'Last alert',
      state_topic: at.last,
      device_class: 'timestamp',
      value_template: '{{ value_json.at }}',
      json_attributes_topic: at.last,
    }),
    ...cameras.map((camera) =>
      config('binary_sensor', `camera_${camera.agent}_${camera.camera}`, {
        name: `Camera ${camera.agent}/${camera.camera}`,
        device_class: 'problem',
        state_topic: at.camera(camera),
        json_attributes_topic: at.cameraDetails(camera),
      }),
    ),
  ]
}
