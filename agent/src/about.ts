import type { Models } from '@vedette/models/models'
import type { PlacesReport } from '@vedette/shared/message'
import { SOFTWARE } from '@vedette/shared/software'
import type { AgentConfig } from './config.ts'
import type { Wallet } from './identity/wallet.ts'
import type { Outbox } from './outbox/outbox.ts'
import type { About } from './uplink/line.ts'

export type AboutParts = {
  models: Pick<Models, 'space' | 'finder'>
  outbox: Pick<Outbox, 'stream' | 'first'>
  wallet: Pick<Wallet, 'trust'>
  cameras: () => string[]
  announce: () => boolean
  live: () => 'on' | 'off'
}

/** What an agent says of itself, as that is when it is said. */
export function aboutAgent({ models, outbox, wallet, cameras, announce, live }: AboutParts): About {
  return {
    software: SOFTWARE,
    get model() {
      return models.space
    },
    get cameras() {
      return cameras()
    },
    get announce() {
      return announce()
    },
    canary: true,
    get live() {
      return live()
    },
    detector: models.finder,
    get outbox() {
      return { stream: outbox.stream, first: outbox.first }
    },
    get trust() {
      return wallet.trust
    },
  }
}

/** Where the cameras stand, as far as that is known. */
export function placesOf(cameras: AgentConfig['cameras']): PlacesReport['places'] {
  return Object.entries(cameras).flatMap(([camera, { place }]) =>
    place === undefined ? [] : [{ camera, ...place }],
  )
}
