import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { Channel } from './channel.ts'
import { Mail } from './mail.ts'
import { Mqtt, type MqttEnds } from './mqtt.ts'
import type { Carrier } from './notice.ts'
import type { Ends } from './post.ts'
import { Push, type PushEnds } from './push.ts'
import { Speech, type SpeechEnds } from './speech.ts'
import { Webhook } from './webhook.ts'

/** What the other ends of channels are made of. */
export type CarrierParts = Ends & {
  /** Where the console is, for links. */
  link: string | undefined
  cameras: MqttEnds['cameras']
  alerts: SpeechEnds['alerts']
  programs: SpeechEnds['programs']
  unanswered: (channel: Channel) => ReturnType<SpeechEnds['unanswered']>
  subscriptions: PushEnds['subscriptions']
  onGone: PushEnds['onGone']
  clock: Clock
  log: Log
}

/** Opens the other end of a channel; what it cannot reach it tells when it is to deliver. */
export function openCarrier(channel: Channel, parts: CarrierParts): Carrier {
  switch (channel.kind) {
    case 'webhook':
      return new Webhook(channel, parts)
    case 'mqtt':
      return new Mqtt(channel, parts)
    case 'mail':
      return new Mail(channel, parts)
    case 'speech':
      return new Speech(channel, { ...parts, unanswered: () => parts.unanswered(channel) })
    case 'push':
      return new Push(channel, parts)
    default:
      return channel satisfies never
  }
}
